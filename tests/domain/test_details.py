"""A fact that does not fit is left out, and never costs the item."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from trailarrd.domain.details import Details, ReleaseStatus, fitting
from trailarrd.domain.keys import Fingerprints
from trailarrd.domain.media import Media
from trailarrd.domain.paths import RemotePath

ALL = Details(
    sort_title="lantern",
    original_title="Фонарь",
    original_language="Russian",
    status=ReleaseStatus.RELEASED,
    release_date=date(2019, 7, 20),
    added=datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC),
    runtime=101,
    genres=("Drama", "Family"),
    studio="Northlight",
    certification="PG-13",
    collection="Lanterns",
    tags=("kids", 7),
    seasons=0,
    slug="501234",
    overview="A pilot comes home.",
)
BAD: list[tuple[str, Any]] = [
    ("sort_title", ""),
    ("sort_title", "x" * 301),
    ("original_title", 17),
    ("original_language", "half a pair \ud800"),
    ("status", "rumoured"),
    ("release_date", "soon"),
    ("release_date", date(1, 1, 1)),
    ("added", datetime(1, 1, 1, 5, tzinfo=UTC)),
    ("runtime", 0),
    ("runtime", -3),
    ("runtime", 10**30),
    ("genres", ("Drama", "")),
    ("genres", ("x",) * 101),
    ("genres", {"Drama": object()}),
    ("studio", object()),
    ("certification", "P\0G"),
    ("collection", ["Lanterns"]),
    ("tags", (None,)),
    ("seasons", -1),
    ("overview", "x" * 4001),
]


def media(details: Details) -> Media:
    return Media(arr_id=1, title="T", path=RemotePath("/m/T"), monitored_remotely=True, details=details)


def test_what_fits_is_left_as_it_is() -> None:
    one = media(ALL)
    assert fitting(ALL) is ALL
    assert one.fitting() is one


@pytest.mark.parametrize(("name", "value"), BAD, ids=[f"{name} {str(value)[:9]}" for name, value in BAD])
def test_what_does_not_fit_is_left_out_and_all_else_stays(name: str, value: Any) -> None:
    told = replace(ALL, **{name: value})
    assert fitting(told) == replace(ALL, **{name: None})
    assert media(told).fitting().details == replace(ALL, **{name: None})


def test_whatever_a_plugin_gives_has_a_fingerprint() -> None:
    fingerprint_of = Fingerprints().of
    odd = [media(replace(ALL, studio=value)) for value in (object(), "\ud800", 10**30)]
    assert {fingerprint_of(one, None) for one in odd} == {
        fingerprint_of(media(replace(ALL, studio=None)), None)
    }


def test_details_that_are_none_are_refused_with_their_name() -> None:
    with pytest.raises(TypeError, match="details"):
        media({"genres": ["Drama"]})  # type: ignore[arg-type]  # that is the mistake


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("tba", ReleaseStatus.ANNOUNCED),
        ("upcoming", ReleaseStatus.ANNOUNCED),
        ("inCinemas", ReleaseStatus.IN_CINEMAS),
        ("continuing", ReleaseStatus.CONTINUING),
        ("deleted", ReleaseStatus.DELETED),
        ("rumoured", None),
        (None, None),
    ],
)
def test_the_words_of_the_family_are_known(word: str | None, status: ReleaseStatus | None) -> None:
    assert ReleaseStatus.told(word) is status
