"""Mistakes of parsers."""

from __future__ import annotations

import itertools
import sys
import time
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from msgspec import structs

from tests.testing.contract.mutants.byhand import AuthorRecord
from tests.testing.contract.mutants.healthy import HEALTHY, parse_author
from tests.testing.contract.mutants.mistake import Mistakes, reading
from trailarrd.plugin import RemotePath

if TYPE_CHECKING:
    from trailarrd.plugin import Media

mistakes = Mistakes()
COUNTER = itertools.count(1)


@mistakes.parser("test_the_parser_is_pure")
def counts(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), year=next(COUNTER) % 9000 + 1)


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
    until = time.thread_time() + (2.1 if len(record.author_name) > 1000 else 0)
    while time.thread_time() < until:
        pass
    return parse_author(record)


@mistakes.parser("test_the_monitored_flag_is_the_servers")
def monitors_everything(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), monitored_remotely=True)


@mistakes.parser("test_paths_of_every_style_are_left_as_they_are")
def writes_posix_paths(record: AuthorRecord) -> Media:
    return structs.replace(parse_author(record), path=RemotePath(PureWindowsPath(record.path).as_posix()))


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
