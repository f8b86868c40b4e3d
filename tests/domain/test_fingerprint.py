"""A fingerprint changes with what is stored, and with nothing else."""

from __future__ import annotations

from collections import ChainMap, UserDict
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.library import item
from trailarrd.domain.keys import Fingerprints
from trailarrd.domain.media import Media
from trailarrd.domain.paths import LocalPath, RemotePath

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHORT = st.text("ab/\n|\x1f", min_size=1, max_size=3).filter(str.strip)
MEDIA = st.builds(
    Media,
    arr_id=st.integers(1, 3),
    title=SHORT,
    path=SHORT.map(RemotePath),
    monitored_remotely=st.booleans(),
    year=st.none() | st.integers(1, 3),
    external_ids=st.dictionaries(SHORT, SHORT, max_size=2),
    youtube_trailer_id=st.none() | SHORT,
    main_file=st.none() | SHORT,
)
fingerprint = Fingerprints().of
PLACED = st.tuples(MEDIA, st.none() | SHORT.map(LocalPath))


@given(PLACED, PLACED)
def test_a_fingerprint_tells_any_two_items_apart(
    one: tuple[Media, LocalPath | None], two: tuple[Media, LocalPath | None]
) -> None:
    assert len(fingerprint(*one)) == 16
    if one != two:
        assert fingerprint(*one) != fingerprint(*two)


@given(PLACED)
def test_the_order_of_external_ids_is_no_change(placed: tuple[Media, LocalPath | None]) -> None:
    media, local_path = placed
    turned = replace(media, external_ids=dict(reversed(list(media.external_ids.items()))))
    assert fingerprint(turned, local_path) == fingerprint(media, local_path)


class Lazy(UserDict[str, str]):
    """A mapping of a plugin's own, without a telling repr."""

    __repr__ = object.__repr__


@pytest.mark.parametrize("kind", [MappingProxyType, ChainMap, Lazy])
def test_a_fingerprint_goes_by_the_values_alone(
    kind: Callable[[dict[str, str]], Mapping[str, str]],
) -> None:
    """`external_ids` may be any mapping; equal ones are stored alike."""
    for ids in ({}, {"tmdb": "348"}):
        plain, other = item(external_ids=ids).item, item(external_ids=kind(dict(ids))).item
        assert fingerprint(other.media, None) == fingerprint(plain.media, None)
    changed = item(external_ids=kind({"tmdb": "349"})).item
    assert fingerprint(changed.media, None) != fingerprint(item().item.media, None)
