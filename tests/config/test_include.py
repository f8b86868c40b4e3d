"""One configuration in several files: what they mean together, and every mistake with the file it is in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.config.conftest import MINIMAL
from trailarrd.config import load_outline
from trailarrd.config.diagnostic import InvalidConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads, Report, Writes

MORE = "connections: [{name: %s, provider: sonarr, url: 'http://nas', api_key: abc}]\n"


def names(loads: Loads, text: str) -> list[str]:
    return [connection.name for connection in loads(text).connections]


def test_connections_of_included_files_come_after_those_of_the_file(loads: Loads, write: Writes) -> None:
    write("series.yaml", MORE % "series")
    write("more.yaml", MORE % "anime")
    assert names(loads, "include: [series.yaml, more.yaml]\n" + MINIMAL) == ["movies", "series", "anime"]


def test_a_file_may_consist_of_includes_only(loads: Loads, write: Writes) -> None:
    write("series.yaml", MORE % "series")
    assert names(loads, "include: series.yaml\n") == ["series"]


def test_a_pattern_takes_all_files_that_fit_in_the_order_of_their_names(loads: Loads, write: Writes) -> None:
    """But hidden ones, as editors leave them, and folders."""
    for name in ("b", "a", ".c"):
        write(f"conf.d/{name}.yaml", MORE % name.strip("."))
    write("conf.d/d.yaml/e", "")
    assert names(loads, "include: conf.d/*.yaml\n" + MINIMAL) == ["movies", "a", "b"]


def test_a_pattern_that_fits_nothing_is_no_mistake(loads: Loads, file: Path) -> None:
    (file.parent / "conf.d").mkdir()
    assert names(loads, "include: conf.d/*.yaml\n" + MINIMAL) == ["movies"]


def test_a_pattern_never_means_the_file_that_says_so(loads: Loads, write: Writes) -> None:
    write("other.yaml", "include: '*.yaml'\n" + MORE % "other")
    assert names(loads, "include: '*.yaml'\n" + MINIMAL) == ["movies", "other"]


def test_a_name_is_relative_to_the_file_that_includes(loads: Loads, write: Writes) -> None:
    """And so is every other file that it names."""
    write("deep/one.yaml", "include: ../two.yaml\n" + MORE.replace("abc", "!file one.key") % "one")
    write("deep/one.key", "from-deep")
    write("two.yaml", MORE % "two")
    settings = loads("include: deep/one.yaml\n")
    assert [(c.name, c.api_key.reveal()) for c in settings.connections] == [
        ("one", "from-deep"),
        ("two", "abc"),
    ]


def test_a_name_may_come_from_the_environment(loads: Loads, write: Writes) -> None:
    path = write("elsewhere/series.yaml", MORE % "series")
    settings = loads("include: ${WHERE}/*.yaml\n" + MINIMAL, {"WHERE": str(path.parent)})
    assert len(settings.connections) == 2


def test_mappings_are_merged_and_the_including_file_outranks_what_it_includes(
    loads: Loads, write: Writes
) -> None:
    write("log.yaml", "log: {level: debug, format: json}\nrefresh: {interval: 2h}\n")
    settings = loads("include: log.yaml\nlog: {level: error}\n" + MINIMAL)
    assert (settings.log.level, settings.log.format) == ("error", "json")
    assert settings.connections[0].interval == timedelta(hours=2)


def test_a_file_that_is_included_twice_counts_once(loads: Loads, write: Writes) -> None:
    write("a.yaml", "include: c.yaml\n")
    write("b.yaml", "include: c.yaml\n")
    write("c.yaml", "log: {level: debug}\n" + MORE % "c")
    assert names(loads, "include: [a.yaml, b.yaml, ./a.yaml]\n" + MINIMAL) == ["movies", "c"]


def test_an_empty_file_can_be_included(loads: Loads, write: Writes) -> None:
    write("empty.yaml", "# nothing yet\n")
    assert names(loads, "include: empty.yaml\n" + MINIMAL) == ["movies"]


def test_a_byte_order_mark_is_fine_in_an_included_file(loads: Loads, write: Writes) -> None:
    write("a.yaml", "\ufeff" + MORE % "a")
    assert names(loads, "include: a.yaml\n" + MINIMAL) == ["movies", "a"]


def test_anchors_are_of_their_file_alone(loads: Loads, write: Writes) -> None:
    write("a.yaml", "x-usual: &usual {monitor: new}\n" + MORE.replace("{name", "{<<: *usual, name") % "a")
    settings = loads("include: a.yaml\nx-usual: none of yours\n" + MINIMAL)
    assert settings.connections[1].monitor == "new"


def test_all_files_and_the_folders_of_patterns_are_told(loads: Loads, write: Writes, file: Path) -> None:
    """Whoever watches them sees a new file, too."""
    write("conf.d/a.yaml", "include: ../b.yaml\n")
    write("b.yaml", "")
    folder = file.parent
    sources = loads("include: conf.d/*.yaml\n" + MINIMAL).sources
    assert {source.resolve() for source in sources} == {
        *(file, folder / "b.yaml"),
        *(folder / "conf.d", folder / "conf.d/a.yaml"),
    }


def test_a_missing_file_is_told_too(loads: Loads, file: Path) -> None:
    """Once it is there, the configuration may be whole."""
    with pytest.raises(InvalidConfigError) as caught:
        loads("include: a.yaml\n" + MINIMAL)
    assert caught.value.sources == {file, file.parent / "a.yaml"}


def test_the_database_may_be_in_an_included_file(file: Path, write: Writes) -> None:
    write("db.yaml", "database: {url: 'sqlite+aiosqlite:////srv/t.db'}\n")
    file.write_text("include: db.yaml\n" + MINIMAL)
    assert load_outline(file, environ={}).database.url == "sqlite+aiosqlite:////srv/t.db"


MISTAKES = {
    "a missing file": (
        "include: a.yaml\n",
        {},
        """\
trailarrd.yaml:1:10: include: cannot read 'a.yaml': no such file or directory
    include: a.yaml
             ^
    hint: it is looked for beside the file that includes it""",
    ),
    "one of several missing": (
        "include:\n  - a.yaml\n  - b.yaml\n",
        {"a.yaml": ""},
        """\
trailarrd.yaml:3:5: include: cannot read 'b.yaml': no such file or directory
      - b.yaml
        ^
    hint: it is looked for beside the file that includes it""",
    ),
    "a folder": (
        "include: conf.d\n",
        {"conf.d/a.yaml": ""},
        """\
trailarrd.yaml:1:10: include: cannot read 'conf.d': is a directory
    include: conf.d
             ^
    hint: for all files in it, write conf.d/*.yaml""",
    ),
    "a pattern in a folder that is not there": (
        "include: conf.d/*.yaml\n",
        {},
        """\
trailarrd.yaml:1:10: include: there is no folder 'conf.d'
    include: conf.d/*.yaml
             ^
    hint: make it, or delete the line""",
    ),
    "the file itself": (
        "include: trailarrd.yaml\n",
        {},
        """\
trailarrd.yaml:1:10: include: a file cannot include itself
    include: trailarrd.yaml
             ^
    hint: delete the line""",
    ),
    "a circle": (
        "include: a.yaml\n",
        {"a.yaml": "include: b.yaml\n", "b.yaml": "# back\ninclude: [trailarrd.yaml]\n"},
        """\
b.yaml:2:11: include: goes round in a circle: trailarrd.yaml > a.yaml > b.yaml > trailarrd.yaml
    include: [trailarrd.yaml]
              ^
    hint: delete one of these includes""",
    ),
    "a mapping instead of a name": (
        "include: {file: a.yaml}\n",
        {},
        """\
trailarrd.yaml:1:10: include: must be a list, not a mapping
    include: {file: …}
             ^
    hint: begin each item with '- '""",
    ),
    "a mapping among the names": (
        "include: [a.yaml, {b: c}]\n",
        {"a.yaml": ""},
        """\
trailarrd.yaml:1:19: include[1]: must be text, not a mapping
    include: [a.yaml, {b: …}]
                      ^""",
    ),
    "nothing": (
        "include:\n",
        {},
        """\
trailarrd.yaml:1:9: include: has no value
    include:
            ^
    hint: give it one, or delete the line""",
    ),
    "an unset variable in a name": (
        "include: ${NOPE}/a.yaml\n",
        {},
        """\
trailarrd.yaml:1:10: include: environment variable 'NOPE' is not set
    include: ${NOPE}/a.yaml
             ^
    hint: set it where trailarrd is started""",
    ),
    "a list in an included file": (
        "include: a.yaml\n",
        {"a.yaml": "- name: movies\n"},
        """\
a.yaml:1:1: must be a mapping, not a list
    - name: movies
    ^
    hint: an included file has the same keys as the one that includes it, such as 'connections:'""",
    ),
    "no YAML in an included file": (
        "include: a.yaml\n",
        {"a.yaml": "log:\n\tlevel: info\n"},
        """\
a.yaml:2:1: a tab stands where only spaces may
     level: …
    ^
    hint: YAML takes no tabs: indent and separate with spaces""",
    ),
    "a setting in two included files": (
        "include: [a.yaml, b.yaml]\n",
        {"a.yaml": "log: {level: info}\n", "b.yaml": "log:\n  level: debug\n"},
        """\
b.yaml:2:3: log: 'level' is set by another included file, too
      level: debug
      ^
    hint: it is also in a.yaml:1: keep one of the two, or say it in the file that includes both""",
    ),
    "a mistake in an included file beside one in the file": (
        "include: a.yaml\nlog: {level: loud}\n",
        {"a.yaml": "# here\nrefresh: {interval: 1}\n"},
        """\
trailarrd.yaml:2:14: log.level: 'loud' is not one of debug, info, warning, error
    log: {level: loud}
                 ^
a.yaml:2:21: refresh.interval: '1' has no unit
    refresh: {interval: 1}
                        ^
    hint: write it like 90s, 30m, 1h30m or 2 days""",
    ),
    "a connection of the same name in another file": (
        "include: a.yaml\n",
        {"a.yaml": MORE % "Movies"},
        """\
a.yaml:1:22: connections[1].name: another connection is called 'Movies' already
    connections: [{name: Movies, provider: sonarr, url: 'http://nas', api_key: …}]
                         ^
    hint: it is in trailarrd.yaml:3; upper and lower case make no difference""",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_the_file_that_it_is_in(
    mistake: str, report: Report, write: Writes
) -> None:
    head, files, expected = MISTAKES[mistake]
    for name, text in files.items():
        write(name, text)
    assert report(head + MINIMAL) == expected


def test_an_included_file_that_is_not_utf_8_is_named(report: Report, file: Path) -> None:
    (file.parent / "a.yaml").write_bytes(b"log: {}\n# caf\xe9\n")
    assert report("include: a.yaml\n" + MINIMAL).startswith("a.yaml:2:6: byte 0xe9 is not UTF-8\n")


def test_mistakes_in_all_files_are_told_at_once(report: Report, write: Writes) -> None:
    """Even in those that are no YAML; of connections, which may stand there, nothing is said."""
    write("a.yaml", "log: [\n")
    write("b.yaml", "colour: red\n")
    said = report("include: [a.yaml, b.yaml, c.yaml]\n")
    places = [line.split(": ")[0] for line in said.split("\n") if line[:1] != " "]
    assert places == ["trailarrd.yaml:1:27", "a.yaml:2:1", "b.yaml:1:1"]
