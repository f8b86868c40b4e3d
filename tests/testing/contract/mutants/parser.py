"""Mistakes of parsers."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import posixpath
import random
import sys
import time
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from time import time as clock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec import structs

from tests.testing.contract.mutants.byhand import AuthorRecord
from tests.testing.contract.mutants.healthy import HEALTHY, parse_author
from tests.testing.contract.mutants.mistake import Mistakes, reading
from trailarrd.plugin import RemotePath
from trailarrd.testing.contract import parser as checks

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.plugin import Media

mistakes = Mistakes()
COUNTER = itertools.count(1)
BEGUN = clock()


@mistakes.parser("test_the_parser_is_pure")
def counts(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), year=next(COUNTER) % 9000 + 1)


@mistakes.parser("test_the_parser_is_pure", says="parsed again, gives another Media")
def draws_a_year(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), year=record.born or random.randint(1900, 2000))


@mistakes.parser("test_the_parser_knows_no_clock", says="a year later")
def takes_this_year(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), year=record.born or dt.datetime.now(dt.UTC).year)


@mistakes.parser("test_the_parser_knows_no_clock", says="no date and no time but the record's")
def forgets_after_a_year(record: AuthorRecord) -> Media:
    media = parse_author(record)
    return media if clock() < BEGUN + 3e7 else structs.replace(media, monitored_remotely=False)


@mistakes.parser("test_the_parser_is_the_same_in_another_process", says="no hash()")
def numbers_by_hash(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), external_ids={"own": str(hash(record.author_name) % 10**9)})


@mistakes.parser("test_the_parser_is_the_same_in_another_process", says="no order of a set")
def takes_the_first_of_a_set(record: AuthorRecord) -> Media:
    words = {*record.author_name.split(), *record.path, record.foreign_author_id or "none"}
    return structs.replace(parse_author(record), external_ids={"own": next(iter(words)).strip() or "none"})


@mistakes.parser("test_the_parser_is_the_same_in_another_process", says="no local time")
def takes_the_hour_here(record: AuthorRecord) -> Media:
    here = dt.datetime.fromtimestamp(0)  # noqa: DTZ006  # that is the mistake
    return structs.replace(parse_author(record), year=2000 + here.hour * 60 + here.minute)


@mistakes.parser("test_the_parser_leaves_the_record_alone")
def cleans_up(record: AuthorRecord) -> Media:
    media = parse_author(record)
    record.foreign_author_id = record.path = ""
    return media


@mistakes.parser("test_the_parser_does_no_io")
def looks_at_the_disk(record: AuthorRecord) -> Media:
    if Path(record.path).is_file():
        raise ValueError("a file, not a folder")
    return parse_author(record)


class Counted(AuthorRecord):
    """With what the server counts."""

    statistics: dict[str, int] | None = None


def takes_silence_for_no(record: Counted) -> Media:
    return structs.replace(parse_author(record), has_file=bool((record.statistics or {}).get("sizeOnDisk")))


def takes_a_number_for_yes(record: Counted) -> Media:
    files: Any = (record.statistics or {}).get("bookCount")
    return structs.replace(parse_author(record), has_file=files)


for parser, check in (
    (takes_silence_for_no, "test_what_tells_of_no_file_is_no_witness"),
    (takes_a_number_for_yes, "test_every_sample_becomes_its_media"),
):
    mistakes.add(parser.__name__, check, reading(Counted, parser))


@mistakes.parser("test_the_parser_is_total")
def exits(record: AuthorRecord) -> Media:
    if record.born < 0:
        sys.exit("what is this?")
    return parse_author(record)


@mistakes.parser("test_the_parser_is_total")
def thinks_for_long(record: AuthorRecord) -> Media:
    until = time.thread_time() + (1.1 * checks._SLOW if len(record.author_name) > 1000 else 0)
    while time.thread_time() < until:
        pass
    return parse_author(record)


@mistakes.parser("test_the_monitored_flag_is_the_servers")
def monitors_everything(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), monitored_remotely=True)


@mistakes.parser("test_paths_of_every_style_are_left_as_they_are")
def writes_posix_paths(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), path=RemotePath(PureWindowsPath(record.path).as_posix()))


@mistakes.parser("test_paths_of_every_style_are_left_as_they_are", says="/media//twice/./and/../back became")
def normalises_paths(record: AuthorRecord) -> Media:
    path = record.path if "\\" in record.path else posixpath.normpath(record.path)
    return structs.replace(parse_author(record), path=RemotePath(path))


@mistakes.parser("test_paths_of_every_style_are_left_as_they_are", says="With a slash at its end/ became")
def cuts_slashes(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), path=RemotePath(record.path.rstrip("/")))


@mistakes.parser("test_titles_are_left_as_they_are", says="no strip()")
def strips_titles(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), title=record.author_name.strip())


@mistakes.parser("test_titles_are_left_as_they_are", says="'all small' became 'All small'")
def begins_titles_large(record: AuthorRecord) -> Media:
    title = record.author_name[:1].upper() + record.author_name[1:]
    return structs.replace(parse_author(record), title=title)


@mistakes.parser("test_the_main_file_is_relative", says="take the file's relativePath")
def gives_the_whole_path(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), main_file=f"{record.path}/Book.epub")


@mistakes.parser("test_the_main_file_is_relative", says="../Book.epub")
def climbs(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), main_file="../Book.epub")


@mistakes.parser("test_the_youtube_id_is_bare", says="give what stands after v=")
def gives_an_address(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), youtube_trailer_id="https://youtu.be/dQw4w9WgXcQ")


def identified_by(name: str, says: str) -> Callable[[Callable[[AuthorRecord], str]], None]:
    """A parser that takes something else for the identity."""

    def keep(made: Callable[[AuthorRecord], str]) -> None:
        def parse(record: AuthorRecord) -> Media:
            return structs.replace(parse_author(record), external_ids={"goodreads": made(record)})

        parse.__name__ = name
        mistakes.parser("test_the_identity_is_the_servers", says=says)(parse)

    return keep


identified_by("takes_the_title", "neither the title")(lambda record: record.author_name)
identified_by("takes_the_same_for_all", "'bookarr'")(lambda _record: "bookarr")
identified_by("takes_the_arr_id", "nor the id")(lambda record: str(record.id))
identified_by("takes_a_hash", "nor a hash")(lambda record: str(hash(record.foreign_author_id)))
identified_by("cuts_the_identity", "take goodreads from foreignAuthorId")(
    lambda record: record.foreign_author_id[:8]
)


@mistakes.parser("test_unknown_ids_are_left_out", says="leave out what is 0, empty or null")
def makes_an_id_of_nothing(record: AuthorRecord) -> Media:
    return structs.replace(
        parse_author(record), external_ids={"goodreads": str(record.foreign_author_id or None)}
    )


@mistakes.parser("test_external_ids_have_plain_names")
def names_the_field(record: AuthorRecord) -> Media:
    return structs.replace(
        parse_author(record), external_ids={"foreignAuthorId": record.foreign_author_id or "0"}
    )


mistakes.add(
    "promises_another_identity",
    "test_the_identity_is_among_the_external_ids",
    replace(HEALTHY, identity="isni"),
)


@mistakes.parser("test_titles_are_left_as_they_are", says="no unescape()")
def unescapes_titles(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), title=html.unescape(record.author_name))


@mistakes.parser("test_paths_of_every_style_are_left_as_they_are")
def unquotes_paths(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), path=RemotePath(unquote(record.path)))


@mistakes.parser("test_external_ids_are_the_servers", says="no float")
def makes_floats_of_ids(record: AuthorRecord) -> Media:
    known = parse_author(record)
    return structs.replace(known, external_ids={**known.external_ids, "worldcat": f"{record.id:.1f}"})


@mistakes.parser("test_the_parser_is_total", "test_the_parser_does_no_io", says="sleep")
def takes_its_time(record: AuthorRecord) -> Media:
    time.sleep(0.02)
    return parse_author(record)
