"""`trailarrd explain`: every reason of an item's state, found by id, title or path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.docs.pages import chapters, page, plain, table
from tests.docs.test_json import kind_of
from trailarrd.testing import EmptyList

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import CommandLine
    from tests.household import Household


async def ids(trailarrd: CommandLine, connection: str = "movies") -> dict[str, int]:
    """The id of each item of a connection, by its title."""
    lines = (await trailarrd("media", "--connection", connection, "--json")).lines
    return {line["title"]: line["id"] for line in lines}


def chapter(out: str, heading: str) -> list[str]:
    """The lines below a heading of the text."""
    (block,) = [block for block in out.split("\n\n") if block.startswith(f"{heading}\n")]
    return [line.strip() for line in block.splitlines()[1:]]


async def test_each_reason_is_told_in_words(household: Household, trailarrd: CommandLine) -> None:
    movies = household.movies
    movies.put(1, "Trailers/Teaser.mkv")
    movies.put(1, "Alpha-trailer.mkv", b"")
    movies.put(1, "Alpha trailer.mkv.part")
    await trailarrd("refresh")
    number = (await ids(trailarrd))["Alpha"]
    out = (await trailarrd("explain", str(number))).out
    assert out.splitlines()[0] == f"#{number} Alpha (2001), of movies: downloaded"
    tmdb = movies.library.record(1)["tmdbId"]
    assert chapter(out, "Server")[:3] == [
        f"radarr calls it 1, imdb tt0002001, tmdb {tmdb}",
        "its folder there is /movies/Alpha (2001)",
        "monitored there: yes",
    ]
    assert re.fullmatch(
        r"last told .* ago; first seen .* ago, last changed .* ago", chapter(out, "Server")[3]
    )
    assert chapter(out, "Folder") == [
        f"{movies.folder}/Alpha (2001), by the mapping /movies → {movies.folder}"
    ]
    assert chapter(out, "Trailer") == [
        "present, Trailers/Teaser.mkv, as the last refresh left it",
        "counts: Trailers/Teaser.mkv (folder: it lies in a trailers folder)",
        "does not count: Alpha trailer.mkv.part (unfinished: it is still being written)",
        "does not count: Alpha-trailer.mkv (empty: it holds nothing)",
    ]
    assert chapter(out, "Monitored") == [
        "no, by row 1, trailer-present: there is a trailer, so nothing is wanted",
        "the mode of movies is missing",
        "no choice of yours",
    ]
    assert [line[21:] for line in chapter(out, "History")] == ["added"]
    assert chapter(out, "What would change it") == [
        "its trailer is gone: then your choice counts again, or the mode"
    ]


async def test_a_name_that_no_server_shows_is_told_with_one_that_counts(
    household: Household, trailarrd: CommandLine
) -> None:
    folder = household.movies.folder / "Alpha (2001)"
    folder.joinpath("the item itself.mkv").rename(folder / "Alpha (2001).mkv")
    household.movies.library.edit(1, movieFile={"relativePath": "Alpha (2001).mkv"})
    household.movies.put(1, "Official Trailer.mp4")
    household.movies.put(1, "Trailers/Teaser.mkv")
    await trailarrd("refresh")
    number = str((await ids(trailarrd))["Alpha"])
    told = (await trailarrd("explain", number, "--json")).document
    better = "Alpha (2001)-trailer.mp4"
    assert told["near"] == [{"file": "Official Trailer.mp4", "rule": "not-named", "better_name": better}]
    assert (told["item"]["trailer"], told["hiding"]) == ("present", ["Official Trailer.mp4"])
    near, hiding = chapter((await trailarrd("explain", number)).out, "Trailer")[2:]
    why = "not-named: its name does not end like a trailer's"
    assert near == f"does not count: Official Trailer.mp4 ({why}); as {better} it would"
    assert hiding.startswith("Jellyfin takes Official Trailer.mp4 for another movie and shows none")


async def test_where_a_trailer_belongs_is_told_with_who_does_not_show_it_there(
    household: Household, trailarrd: CommandLine
) -> None:
    movies, name = household.movies, "Alpha.mkv"
    movies.library.edit(1, hasFile=True, movieFile={"relativePath": name})
    movies.library.edit(2, hasFile=False, movieFile=None)
    movies.place(1).joinpath("the item itself.mkv").rename(movies.place(1) / name)
    movies.put(1, "Bonus/Making of.mkv")
    await trailarrd("refresh")
    alpha, beta = (await trailarrd("media", "--connection", "movies", "--json")).lines[:2]
    assert alpha["trailer_target"] == f"{alpha['local_path']}/Alpha-trailer"
    assert (beta["trailer_target"], beta["trailer_target_reason"]) == (None, "no-file")
    told = (await trailarrd("explain", str(alpha["id"]), "--json")).document
    target = f"{alpha['local_path']}/Trailers/Alpha (2001)"
    assert (told["trailer_target_now"], told["not_shown_by"]) == (target, ["Kodi"])
    assert chapter((await trailarrd("explain", str(alpha["id"]))).out, "Trailer")[1:3] == [
        f"one would lie at {target}, with the extension of the video",
        "Kodi would not show it there",
    ]
    nowhere = chapter((await trailarrd("explain", str(beta["id"]))).out, "Trailer")[1]
    assert nowhere.startswith("there is no place for one: its server has no file of it yet")
    movies.put(1, f"{target.removeprefix(alpha['local_path'])[1:]}.webm")
    await trailarrd("refresh")
    (alpha,) = (await trailarrd("media", "Alpha", "--connection", "movies", "--json")).lines
    assert alpha["trailer"] == "present"


async def test_what_counts_as_a_trailer_is_the_providers_word(
    household: Household, trailarrd: CommandLine
) -> None:
    for shelf in (household.movies, household.series):
        shelf.put(1, "The Trailer S01E02.mkv")
    await trailarrd("refresh")
    rules = []
    for connection in ("movies", "series"):
        number = (await ids(trailarrd, connection))["Alpha"]
        told = (await trailarrd("explain", str(number), "--json")).document
        rules += [one["rule"] for one in told["near"]]
    assert rules == ["not-named", "part"]


async def test_your_word_is_told_with_when_and_by_whom(
    household: Household, trailarrd: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trailarrd("refresh")
    number = (await ids(trailarrd))["Beta"]
    monkeypatch.setenv("LOGNAME", "anna")
    await trailarrd("unmonitor", str(number))
    told = (await trailarrd("explain", str(number), "--json")).document
    assert (told["row"], told["item"]["monitor_reason"], told["intent_by"]) == (
        3,
        "user",
        "command line (anna)",
    )
    spoken = told["history"][1]
    assert (spoken["event"], spoken["at"]) == ("intent-set", told["intent_at"])
    assert told["would_change"] == [
        f"trailarrd follow {number}, which drops your choice: then the mode decides"
    ]
    await trailarrd("follow", str(number))
    told = (await trailarrd("explain", str(number), "--json")).document
    assert (told["intent_at"], told["intent_by"], told["row"]) == (None, None, 9)


async def test_an_item_is_found_by_title_part_of_it_and_any_path_of_its_folder(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.movies.library.edit(2, title="The Great Escape")
    await trailarrd("refresh", "movies")
    folder = household.movies.folder / "Beta (2002)"
    for words in (
        "the great escape",
        "great",
        str(folder),
        f"{folder}/",
        f"{folder}/a/b.mkv",
        "/movies/Beta (2002)",
    ):
        done = await trailarrd("explain", words)
        assert done.out.splitlines()[0].endswith("The Great Escape (2002), of movies: monitored"), words


async def test_several_that_fit_are_listed_and_none_is_told(trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    done = await trailarrd("explain", "alpha")
    assert (done.code, done.out.count("Alpha")) == (1, 2)
    assert "2 items fit 'alpha'; name one by its ID" in done.err
    done = await trailarrd("explain", "alpha", "--json")
    assert (done.code, done.out) == (1, "")
    done = await trailarrd("explain", "no such title")
    assert (done.code, done.out) == (1, "")
    assert "no item fits 'no such title'" in done.err


async def test_on_a_terminal_it_is_asked_which_of_several(
    trailarrd: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trailarrd("refresh")
    series = str((await ids(trailarrd, "series"))["Alpha"])
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _stream: True, raising=False)
    done = await trailarrd("explain", "alpha", answer=f"{series}\n")
    assert (done.code, f"#{series} Alpha (2001), of series" in done.out) == (0, True)
    assert (await trailarrd("explain", "alpha", answer="\n")).code == 1


async def test_what_changed_since_the_last_refresh_is_told_as_what_the_next_one_takes(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    number = str((await ids(trailarrd))["Alpha"])
    household.movies.put(1, "trailer.mkv")
    household.config.write_text(household.config.read_text().replace("remote: /movies", "remote: /Movies"))
    out = (await trailarrd("explain", number)).out
    assert chapter(out, "Folder") == [
        "/movies/Alpha (2001), as no mapping fits",
        f"at the last refresh it was {household.movies.folder}/Alpha (2001); the next one takes the new one",
    ]
    household.config.write_text(household.config.read_text().replace("remote: /Movies", "remote: /movies"))
    told = (await trailarrd("explain", number, "--json")).document
    assert (told["item"]["trailer"], told["trailer_now"]) == ("absent", "present")
    assert told["counting"] == [{"file": "trailer.mkv", "rule": "stem"}]
    assert told["would_change"][0] == "the next refresh, which will find its trailer present"
    assert "a trailer appears in its folder" not in told["would_change"], "it did"


async def test_held_and_removed_items_are_explained_too(household: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    number = str((await ids(trailarrd))["Alpha"])
    household.movies.server.fault = EmptyList()
    await trailarrd("refresh", "movies")
    told = (await trailarrd("explain", number, "--json")).document
    assert told["held_since"]
    assert told["would_change"][0] == "trailarrd removals approve movies, or its server lists it again"
    await trailarrd("removals", "approve", "movies")
    told = (await trailarrd("explain", number, "--json")).document
    assert (told["removed_at"] is None, told["held_since"]) == (False, None)
    assert "its server lists it again" in told["would_change"][0]


async def test_a_configuration_that_cannot_be_had_here_is_said_and_the_rest_is_told(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.config.write_text(household.config.read_text() + "timezone: !env NOT_HERE\n")
    done = await trailarrd("explain", str((await ids(trailarrd))["Alpha"]))
    assert done.code == 0
    assert "the path mappings are not known" in done.err
    assert "by row 9, mode-missing" in done.out


async def test_json_has_every_promised_field_and_no_other(trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    promised = {plain(name): kind for name, kind, _ in table(chapters(page("json.md"))["explain --json"])}
    told = (await trailarrd("explain", "1", "--json")).document
    assert list(told) == list(promised)
    for name, value in told.items():
        assert kind_of(value) in promised[name].split(" or "), name


def test_the_row_is_that_of_the_page_on_monitoring() -> None:
    from trailarrd.domain.monitoring import MonitorReason, row_of

    rows = table(chapters(page("monitoring.md"))["The table"])
    told = [(int(number), plain(reason)) for number, *_, reason in rows]
    assert told == sorted(
        {(row_of(reason, monitored=yes), reason.value) for reason in MonitorReason for yes in (True, False)}
    )
