"""The text of a configuration file or a variable, and how a place in it is shown."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from trailarrd.config.diagnostic import Address, Diagnostic, InvalidConfigError, Position, address_text
from trailarrd.config.masking import AllowList, conceal, hide
from trailarrd.domain.text import printable

_LINE_END: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT: Final = re.compile(r"(?:^|\s)#(.*)")
_LARGEST: Final = 8 * 2**20
"""Bytes of a configuration file: a hundred times the largest that anybody has."""
_WIDEST: Final = 120
_BEFORE_CARET: Final = 80


class Source:
    def __init__(self, file: str, text: str, allowed: AllowList, folder: Path | None = None) -> None:
        self.file = file
        self.text = text
        self.lines = _LINE_END.split(text)
        self.folder = folder or Path(file).parent
        """Files that are named in it are relative to this."""
        self.root: yaml.Node | None = None
        """What it means; None as long as it may be no YAML at all."""
        self.key: str | None = None
        """Of which setting it is the value, if it is a variable."""
        self._allowed = allowed

    def position(self, offset: int) -> Position:
        """Where the character at this offset stands."""
        before = _LINE_END.split(self.text[:offset])
        return Position(len(before), len(before[-1]) + 1)

    def error(self, message: str, hint: str | None, position: Position) -> InvalidConfigError:
        """A mistake that hides all others."""
        return InvalidConfigError([Spot(self, position).diagnostic((), message, hint)])

    def show(self, position: Position) -> tuple[str, int]:
        """The line as it may be shown, and the column to point at, from 1."""
        number = position.line - 1
        if number >= len(self.lines):
            return "", 1
        spans = self._allowed.hidden(self.lines, number, self.root, self.key)
        # In a key that was not quoted ` #` begins a comment, too.
        spans += [found.span(1) for found in _COMMENT.finditer(self.lines[number])]
        shown, caret = hide(self.lines[number], position.column - 1, spans)
        return _crop(printable(shown, " "), caret + 1)


class Spot(NamedTuple):
    """A place in what was read."""

    source: Source
    position: Position | None
    """None where the source has no lines: a variable that is one value."""

    def __str__(self) -> str:
        return f"{self.source.file}:{self.position.line}" if self.position else self.source.file

    def seen_from(self, other: Spot) -> str:
        """The same as told at another place."""
        return f"line {self.position.line}" if self.position and self.source is other.source else str(self)

    def diagnostic(self, address: Address, message: str, hint: str | None = None) -> Diagnostic:
        """What is wrong here, fit to be shown."""
        line, caret = self.source.show(self.position) if self.position else ("", 1)
        return Diagnostic(
            file=self.source.file,
            line=self.position.line if self.position else None,
            column=self.position.column if self.position else None,
            section=conceal(str(address[0])) if address else "",
            setting=conceal(printable(address_text(address), " ")),
            message=conceal(message),
            hint=conceal(hint) if hint else None,
            source=line,
            caret=caret,
        )


def _crop(text: str, caret: int) -> tuple[str, int]:
    if len(text) <= _WIDEST:
        return text, caret
    cut = max(0, caret - _BEFORE_CARET)
    shown = text[cut : cut + _WIDEST]
    head, tail = ("…" if cut else ""), ("…" if cut + _WIDEST < len(text) else "")
    return head + shown + tail, caret - cut + len(head)


def read_regular(path: Path, most: int) -> bytes:
    """What is in a regular file of at most `most` bytes; raises `OSError`.

    A pipe that nobody writes to, or a device without end, would hold the start or a reload for good.
    """
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123  # by descriptor
        facts = os.fstat(file.fileno())
        if stat.S_ISDIR(facts.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"larger than {most // 1024:,} KiB", str(path))
    return content


def read_source(path: Path, allowed: AllowList) -> Source:
    """The file as text: UTF-8, with or without a byte order mark.

    Raises `OSError`, for what is no regular file or larger than 8 MiB, too, and `InvalidConfigError` for
    what is not UTF-8.
    """
    content = read_regular(path, _LARGEST)
    try:
        return Source(str(path), content.decode("utf-8-sig"), allowed)
    except UnicodeDecodeError as error:
        # The codec counts from behind the byte order mark, and `object` is what it counted in.
        before = error.object[: error.start].decode()
        source = Source(str(path), before + error.object[error.start :].decode(errors="replace"), allowed)
        byte = error.object[error.start]
        raise source.error(
            f"byte 0x{byte:02x} is not UTF-8", "save the file as UTF-8", source.position(len(before))
        ) from None
