"""One parsed item: what it may hold, and that what it may not hold is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from trailarrd.domain.media import MAX_ID, Media
from trailarrd.domain.paths import RemotePath

MINIMAL: dict[str, Any] = {
    "arr_id": 1,
    "title": "Alien",
    "path": RemotePath("/movies/Alien (1979)"),
    "monitored_remotely": True,
}


def media(**changes: object) -> Media:
    fields: dict[str, Any] = MINIMAL | changes
    return Media(**fields)


def test_what_a_server_leaves_out_has_a_default() -> None:
    """field-notes 4(c) 8: no year, no ids, no trailer, no file; the item is kept."""
    item = Media(**MINIMAL)
    assert item.year is None
    assert dict(item.external_ids) == {}
    assert item.youtube_trailer_id is None
    assert item.main_file is None


@pytest.mark.parametrize("field", ["arr_id", "title", "path", "monitored_remotely"])
def test_what_nothing_can_do_without_is_required(field: str) -> None:
    """arr-api 10.4: the id, the title and the path are not optional."""
    with pytest.raises(TypeError, match=field):
        Media(**{name: value for name, value in MINIMAL.items() if name != field})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("arr_id", "1"),
        ("arr_id", 1.0),
        ("arr_id", None),
        ("arr_id", True),
        ("title", None),
        ("title", 1979),
        ("title", b"Alien"),
        ("path", None),
        ("path", ["/movies"]),
        ("monitored_remotely", "false"),
        ("monitored_remotely", None),
        ("year", "2024"),
        ("year", 1979.0),
        ("year", True),
        ("external_ids", {"tmdb": 348}),
        ("external_ids", {"tmdb": None}),
        ("youtube_trailer_id", 5),
        ("main_file", 5),
    ],
)
def test_a_wrong_type_is_refused_by_name(field: str, value: object) -> None:
    """field-notes 4(c) 9: such a record is quarantined with its reason."""
    with pytest.raises(TypeError, match=field):
        media(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("arr_id", 0, id="no id"),
        pytest.param("arr_id", -1, id="negative id"),
        pytest.param("arr_id", MAX_ID + 1, id="id that no database stores"),
        pytest.param("title", "", id="empty title"),
        pytest.param("title", "A" * 1025, id="a title without end"),
        pytest.param("path", "/" + "a" * 4096, id="a path without end"),
        pytest.param("main_file", "a" * 4097, id="a file name without end"),
        pytest.param("title", "A\0B", id="NUL in the title"),
        pytest.param("title", "\ud800", id="lone surrogate in the title"),
        pytest.param("path", "", id="empty path"),
        pytest.param("path", "/movies/A\0B", id="NUL in the path"),
        pytest.param("path", "/movies/\udcff", id="lone surrogate in the path"),
        pytest.param("year", 2**63, id="year that no database stores"),
        pytest.param("external_ids", {"imdb": "tt\0"}, id="NUL in an external id"),
        pytest.param("external_ids", {"imdb": "\ud800"}, id="lone surrogate in an external id"),
        pytest.param("youtube_trailer_id", "\ud800", id="lone surrogate in the trailer id"),
        pytest.param("youtube_trailer_id", "a\0", id="NUL in the trailer id"),
        pytest.param("main_file", "\ud800.mkv", id="lone surrogate in the main file"),
        pytest.param("main_file", "a\0.mkv", id="NUL in the main file"),
    ],
)
def test_a_value_that_fails_later_is_refused_now(field: str, value: object) -> None:
    """It would fail in the database or on the disk, far from the record that brought it."""
    with pytest.raises(ValueError, match=field):
        media(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("arr_id", MAX_ID),
        ("title", "0"),
        ("title", "😀" * 255),
        ("title", "Ame\u0301lie"),
        ("path", "D:\\Movies\\A"),
        ("path", "\\\\nas\\tv\\A"),
        ("path", "/m/" + "b" * 255 + " ."),
        ("year", 1888),
        ("year", 2100),
        ("external_ids", {"tmdb": "348", "imdb": "tt0078748"}),
        ("youtube_trailer_id", "LjLamj-b0I8"),
        ("main_file", "Alien (1979).mkv"),
        ("main_file", "CD1/Alien.mkv"),
    ],
)
def test_a_sound_value_is_kept_as_it_is(field: str, value: object) -> None:
    assert getattr(media(**{field: value}), field) == value


def test_the_largest_id_fits_a_signed_64_bit_column() -> None:
    assert MAX_ID == 9_223_372_036_854_775_807


def test_media_is_frozen() -> None:
    item = media()
    with pytest.raises(AttributeError):
        item.title = "Aliens"  # type: ignore[misc]  # frozen: that is what is tried
    assert item == media()


def test_its_external_ids_are_its_own() -> None:
    """A parser may use one dictionary again and again."""
    ids = {"tmdb": "348"}
    item = media(external_ids=ids)
    ids["tmdb"] = "349"
    assert item.external_ids == {"tmdb": "348"}


class Text(str):
    """A plugin's own kind of text."""

    __slots__ = ()


class Number(int):
    """A plugin's own kind of number."""

    __slots__ = ()


def test_texts_and_numbers_of_own_kinds_become_pythons() -> None:
    """Others could neither be written to a file nor told as JSON."""
    item = media(
        arr_id=Number(7),
        title=Text("Alien"),
        path=Text("/movies/Alien"),
        year=Number(1979),
        external_ids={Text("tmdb"): Text("348")},
        main_file=Text("Alien.mkv"),
    )
    told = [item.arr_id, item.title, item.path, item.year, item.main_file]
    told += [*item.external_ids, *item.external_ids.values()]
    assert {type(one) for one in told} == {int, str}
    assert item == media(
        arr_id=7,
        title="Alien",
        path="/movies/Alien",
        year=1979,
        external_ids={"tmdb": "348"},
        main_file="Alien.mkv",
    )


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(str.strip))
def test_any_encodable_title_is_a_title(title: str) -> None:
    assert media(title=title).title == title


def test_a_changed_copy_is_checked_as_well() -> None:
    with pytest.raises(ValueError, match="title"):
        replace(media(), title="")
