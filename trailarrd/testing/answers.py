"""An answer before it is sent: what it says, and how it travels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from trailarrd.testing.encoding import INDENTED, Layout

JSON: Final = "application/json; charset=utf-8"
PROBLEM: Final = "application/problem+json; charset=utf-8"
HTML: Final = "text/html"
TEXT: Final = "text/plain"

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Ending(StrEnum):
    """How the connection ends after an answer."""

    CLEAN = "clean"
    """The chunked body is terminated as it should be, wherever it was cut."""
    CLOSED = "closed"
    """The connection is closed without the terminating chunk."""
    RESET = "reset"
    """The connection is reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How an answer travels; fractions are of the body's bytes."""

    wait: float = 0.0
    """Seconds before the first byte."""
    stall_at: float | None = None
    stall_for: float = 0.0
    parts: int = 1
    """In how many parts the body comes, `stall_for` seconds apart."""
    cut_at: float | None = None
    """What comes after is never sent; None with a reset: not even the status line."""
    ending: Ending = Ending.CLEAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and a body: either a list of encoded `elements`, or `pieces` of bytes."""

    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)
    elements: Sequence[bytes] | None = None
    pieces: Sequence[bytes] = ()
    layout: Layout = INDENTED
    delivery: Delivery = field(default_factory=Delivery)
    signed: bool = True
    """Whether the application puts its version into the headers; an exception's handler does not."""
    no_body: bool = False
    """For HEAD: everything but the body."""

    @property
    def has_body(self) -> bool:
        """Whether there is any; a list always has its brackets."""
        return not self.no_body and (self.elements is not None or bool(self.pieces))

    def body(self) -> Sequence[bytes]:
        """The body in pieces of any size; empty when there is none."""
        if not self.has_body:
            return ()
        if self.elements is None:
            return self.pieces
        return list(self._listed(self.elements))

    def _listed(self, elements: Sequence[bytes]) -> Iterator[bytes]:
        if not elements:
            yield b"[]"
            return
        yield self.layout.opening
        for position, element in enumerate(elements):
            if position:
                yield self.layout.between
            yield element
        yield self.layout.closing

    def with_pieces(self, pieces: Sequence[bytes]) -> Answer:
        """The same with another body."""
        return replace(self, elements=None, pieces=pieces)

    def with_headers(self, **headers: str) -> Answer:
        """The same with further headers; an underscore stands for a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})


def document(value: object, layout: Layout = INDENTED, *, status: int = 200) -> Answer:
    """One JSON document."""
    return Answer(status=status, pieces=(layout.document(value),), layout=layout)


def problem(status: int, title: str, **fields: object) -> Answer:
    """An RFC 7807 problem, as ASP.NET Core writes it for its own errors."""
    trace = {"traceId": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00"}
    kind = {"type": f"https://tools.ietf.org/html/rfc7231#section-6.5.{status % 100}"}
    body = json.dumps({**kind, "title": title, "status": status, **trace, **fields})
    return Answer(status=status, content_type=PROBLEM, pieces=(body.encode(),))


def empty(status: int) -> Answer:
    """No body at all."""
    return Answer(status=status)


def page(title: str, text: str = "", *, status: int = 200) -> Answer:
    """A page of HTML."""
    html = f"<!doctype html>\n<html><head><title>{title}</title></head><body>{text}</body></html>\n"
    return Answer(status=status, content_type=HTML, pieces=(html.encode(),))


def plain(status: int, text: str) -> Answer:
    """A line of text."""
    return Answer(status=status, content_type=TEXT, pieces=(text.encode(),))


def redirect(status: int, location: str) -> Answer:
    """Somewhere else, without a body."""
    return empty(status).with_headers(Location=location)


def cut(pieces: Sequence[bytes], fraction: float) -> list[bytes]:
    """The first part of a body; of a body that has any byte, the last one goes at least."""
    return split(pieces, fraction)[0]


def split(pieces: Sequence[bytes], fraction: float) -> tuple[list[bytes], list[bytes]]:
    """A body in two, by a fraction of its bytes; the second part has at least one byte."""
    size = sum(map(len, pieces))
    left = max(0, min(int(size * fraction), size - 1))
    before: list[bytes] = []
    for position, piece in enumerate(pieces):
        if left < len(piece):
            return [*before, piece[:left]], [piece[left:], *pieces[position + 1 :]]
        before.append(piece)
        left -= len(piece)
    return before, []


def parted(pieces: Sequence[bytes], parts: int) -> Iterator[bytes]:
    """The body in so many parts of equal size."""
    body = b"".join(pieces)
    size = len(body) // parts + 1
    for start in range(0, len(body), size):
        yield body[start : start + size]


def blocks(pieces: Sequence[bytes], size: int = 65536) -> Iterator[bytes]:
    """The body in blocks of about `size` bytes, without ever putting all of it together."""
    held: list[bytes] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if length:
        yield b"".join(held)
