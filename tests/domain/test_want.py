"""What is wanted at all, and which condition decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from trailarrd.domain.details import Details, ReleaseStatus
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import NO_FILE, Exclusion
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.want import Conditions, Want, Years

TODAY = date(2026, 3, 1)
FACTS = Details(
    tags=("kids", "trailers"),
    genres=("Drama", "Family"),
    original_language="French",
    certification="PG-13",
    status=ReleaseStatus.IN_CINEMAS,
    release_date=date(2026, 3, 2),
)


def media(details: Details = FACTS, **fields: Any) -> Media:
    told = {"year": 1995, "has_file": True, **fields}
    return Media(arr_id=1, title="T", path=RemotePath("/T"), monitored_remotely=True, details=details, **told)


def exclusion(media: Media, today: date = TODAY, **want: Any) -> str | None:
    found = Want(**want).exclusion(media, today)
    return found and found.mark


@pytest.mark.parametrize(("has_file", "mark"), [(True, None), (None, None), (False, "no-file")])
def test_only_a_server_that_says_no_has_no_file(has_file: bool | None, mark: str | None) -> None:
    assert exclusion(media(has_file=has_file)) == mark
    assert exclusion(media(has_file=has_file), without_file=True) is None


ROWS: list[tuple[dict[str, Any], str | None, str | None]] = [
    # conditions, what `only` makes of them, what `never` does
    ({"tags": ("Trailers", "x")}, None, "filtered never tags: Trailers, x"),
    ({"tags": ("x",)}, "filtered only tags: x", None),
    ({"genres": ("family",)}, None, "filtered never genres: family"),
    ({"genres": ("Western",)}, "filtered only genres: Western", None),
    ({"languages": ("french",)}, None, "filtered never languages: french"),
    ({"languages": ("German",)}, "filtered only languages: German", None),
    ({"certifications": ("R",)}, "filtered only certifications: R", None),
    ({"years": Years(1990, None)}, None, "filtered never years: 1990-"),
    ({"years": Years(None, 1994)}, "filtered only years: -1994", None),
    (
        {"tags": ("kids",), "genres": ("Western",)},
        "filtered only genres: Western",
        "filtered never tags: kids",
    ),
    ({}, None, None),
]


@pytest.mark.parametrize(("conditions", "only", "never"), ROWS)
def test_each_condition_is_compared_with_its_fact(
    conditions: dict[str, Any], only: str | None, never: str | None
) -> None:
    assert exclusion(media(), only=Conditions(**conditions)) == only
    assert exclusion(media(), never=Conditions(**conditions)) == never


@pytest.mark.parametrize("name", ["tags", "genres", "languages", "certifications", "years", "released"])
def test_a_fact_that_is_not_known_decides_nothing_unless_another_does(name: str) -> None:
    blank = media(Details(), year=None)
    values: dict[str, Any] = {"years": Years(1990, None), "released": True}
    asks = Conditions(**{name: values.get(name, ("x",))})
    assert (exclusion(blank, only=asks) or "").startswith(f"undecided only {name}: ")
    assert (exclusion(blank, never=asks) or "").startswith(f"undecided never {name}: ")
    known = media(Details(genres=("Western",)), year=None)
    never = Conditions(genres=("Western",))
    assert exclusion(known, only=asks if name != "genres" else Conditions(), never=never) == (
        "filtered never genres: Western"
    )


def test_it_is_released_from_its_day_on_or_when_the_server_says_so() -> None:
    asks = Conditions(released=True)
    assert exclusion(media(), only=asks) == "filtered only released: true"
    assert exclusion(media(), date(2026, 3, 2), only=asks) is None
    for status in (ReleaseStatus.RELEASED, ReleaseStatus.ENDED, ReleaseStatus.CONTINUING):
        assert exclusion(media(Details(status=status)), only=asks) is None
    announced = media(Details(status=ReleaseStatus.ANNOUNCED))
    assert exclusion(announced, only=asks) == "filtered only released: true"


@pytest.mark.parametrize(
    ("text", "years"),
    [("1999", (1999, 1999)), ("1990-", (1990, None)), ("-1980", (None, 1980)), ("1990-1999", (1990, 1999))],
)
def test_a_range_of_years_is_read_and_written_the_same(
    text: str, years: tuple[int | None, int | None]
) -> None:
    assert Years.parse(text) == years
    assert str(Years.parse(text)) == text


@pytest.mark.parametrize("text", ["", "-", "soon", "1999-1990", "19990", "1990-1995-1999", "٢٠٢٠"])
def test_what_is_no_range_of_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no range of years"):
        Years.parse(text)


def test_an_exclusion_is_stored_as_a_text_and_read_again() -> None:
    for one in (NO_FILE, *(Want(only=Conditions(tags=("x y",))).exclusion(media(), TODAY),)):
        assert one
        assert Exclusion.of(one.mark) == one
    assert Exclusion.of(None) is None
