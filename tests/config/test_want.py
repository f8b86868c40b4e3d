"""The settings under `want:`, of a connection and of `defaults`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.want import Conditions, Want, Years
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from tests.config.conftest import Loads

SERVER = 'provider: radarr, url: "http://127.0.0.1:7878", api_key: abc'


def want(loads: Loads, defaults: str, own: str) -> Want:
    text = f"defaults: {{want: {defaults}}}\nconnections:\n  - {{name: movies, {SERVER}, want: {own}}}\n"
    (connection,) = loads(text).connections
    return connection.connection().want


def test_nothing_is_left_out_but_what_has_no_file(loads: Loads) -> None:
    assert want(loads, "{}", "{}") == Want(without_file=False)


def test_every_condition_is_read(loads: Loads) -> None:
    own = (
        "{without_file: true, only: {tags: [trailers], years: 1990-, languages: [French], released: true},"
        " never: {genres: [Documentary], certifications: [R, X]}}"
    )
    assert want(loads, "{}", own) == Want(
        without_file=True,
        only=Conditions(tags=("trailers",), years=Years(1990, None), languages=("French",), released=True),
        never=Conditions(genres=("Documentary",), certifications=("R", "X")),
    )


def test_a_connection_adds_to_the_defaults_and_takes_one_away_by_an_empty_list(loads: Loads) -> None:
    defaults = "{without_file: true, never: {genres: [Documentary], tags: [no-trailer]}}"
    assert want(loads, defaults, "{never: {genres: []}, only: {years: 1999}}") == Want(
        without_file=True,
        only=Conditions(years=Years(1999, 1999)),
        never=Conditions(tags=("no-trailer",)),
    )


@pytest.mark.parametrize(
    ("own", "place"),
    [
        ("{only: {years: soon}}", r"connections\[0\].want.only.years"),
        ("{never: {released: true}}", "released"),
        ("{only: {genre: [Drama]}}", "genre"),
        ("{without_file: maybe}", r"connections\[0\].want.without_file"),
    ],
)
def test_a_mistake_is_told_with_its_place(loads: Loads, own: str, place: str) -> None:
    with pytest.raises(ConfigError, match=place):
        want(loads, "{}", own)
