"""Cuts a JSON array that arrives in pieces into groups of whole items, without parsing it.

Arr servers indent by two spaces and write one item per block, so newline, two spaces, `}`, `,` can
only be the end of a top-level item: a raw newline cannot stand inside a JSON string. Any other
layout is cut by counting brackets, which is slower. Every group is decoded by a real JSON decoder
afterwards, and a group that was cut in the wrong place has unbalanced brackets: a wrong cut is an
error (and then tried again by counting), never a wrong item.
"""

import re
from typing import Final

from trailarrd.domain.connection import Limits

_INDENTED: Final = re.compile(rb"\[\r?\n  \{")
_ITEM_END: Final = b"\n  },"
_PLAIN: Final = rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+'
"""All that holds no bracket: what lies between strings, and whole strings."""
_TO_BRACKET: Final = re.compile(_PLAIN + rb"([{}\[\]])", re.DOTALL)
_TO_STRING: Final = re.compile(_PLAIN, re.DOTALL)
_IN_STRING: Final = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_QUOTE: Final = b'"'
_ESCAPE: Final = b"\\"
_SPACE: Final = b" \t\r\n"
_LEADING_SPACE: Final = re.compile(rb"[ \t\r\n]*+")
_PATIENCE_BYTES: Final = 2**20
"""So much without the end of an indented item is a rare item, or only begins like the standard layout."""
_HEAD_BYTES: Final = 64
_TELLING_BYTES: Final = len(b"[\r\n  {")


BROKE_OFF: Final = "the answer broke off"


class CutError(ValueError):
    """The bytes are not a JSON array of sane items."""


class Cutter:
    """Feed it the body in pieces; it gives back JSON arrays of whole items."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        # What the standard layout indents by so much may be too deep: then it is counted.
        self._suspicious = b"\n" + b"  " * (self._limits.depth + 2)
        self._buffer = bytearray()
        self._arrived = 0
        self._started = False
        self._indented = False
        self._groups = 0
        self._scanned = 0
        self._depth = 0
        self._in_string = False

    def feed(self, piece: bytes) -> bytes | None:
        """The items that this piece completes, as a JSON array, or None if it completes none."""
        self._buffer += piece
        self._arrived += len(piece)
        if self._arrived > self._limits.answer_bytes:
            raise CutError(f"the answer is larger than {_size(self._limits.answer_bytes)} (limits.answer)")
        if not self._started and not self._start():
            return None
        end = self._indented_end() if self._indented else self._counted_end()
        if self._indented and not end and len(self._buffer) > _PATIENCE_BYTES:
            end = self._count_anew()
        group = self._cut(end) if end else None
        if group and self._indented and self._suspicious in group:
            group = self.count_brackets(group)
        if len(self._buffer) > self._limits.item_bytes:
            raise CutError(f"an item is larger than {_size(self._limits.item_bytes)} (limits.item)")
        return group

    def finish(self) -> bytes:
        """What remains, as a JSON array with whatever closed (or failed to close) the body."""
        if not self._started:
            raise CutError(BROKE_OFF if self._buffer.strip() else "the answer ends before it begins")
        rest = bytes(self._buffer).strip(_SPACE)
        if self._indented and self._suspicious in rest:
            self._refuse_depth(rest)
        if self._groups and not self._indented and rest != b"]":
            raise CutError(BROKE_OFF if self._is_open() else "something follows the closing bracket")
        if self._groups and self._indented and rest == b"]":
            raise CutError("the answer ends after a comma")
        return b"[" + rest

    def breaks_off(self, rest: bytes) -> bool:
        """Whether this, which `finish` gave and which is no JSON, lacks its end; only for telling so."""
        self._buffer[:] = rest[1:]
        self._scanned = self._depth = 0
        self._in_string = False
        self._counted_end()
        return self._is_open()

    def _is_open(self) -> bool:
        """Whether counting has met no closing bracket of the array."""
        return self._in_string or self._scanned == len(self._buffer)

    def count_brackets(self, group: bytes) -> bytes | None:
        """Take back a group that did not decode, and cut everything from there on by counting.

        `group` is what `feed` gave last; the answer is as of `feed`.
        """
        self._groups -= 1
        self._buffer[:0] = group[1:-1] + b","
        end = self._count_anew()
        return self._cut(end) if end else None

    def _count_anew(self) -> int:
        """Look no longer for ends of indented items, but count brackets from the start of the buffer."""
        self._indented = False
        if self._groups:  # the comma that was taken with the item before
            self._buffer[:0] = b","
        self._scanned = self._depth = 0
        self._in_string = False
        return self._counted_end()

    @property
    def indented(self) -> bool:
        """Whether items are found by their indentation, without counting brackets."""
        return self._indented

    def _start(self) -> bool:
        """Read up to the opening bracket and choose the way of cutting by what follows it."""
        head = bytes(self._buffer[:_HEAD_BYTES]).lstrip(b"\xef\xbb\xbf" + _SPACE)
        if not head.startswith(b"["):
            if head or len(self._buffer) >= _HEAD_BYTES:
                raise CutError("the answer is not a JSON array")
            return False
        if len(head) < _TELLING_BYTES and b"]" not in head:
            return False
        self._indented = _INDENTED.match(head) is not None
        self._started = True
        del self._buffer[: self._buffer.index(b"[") + 1]
        return True

    def _indented_end(self) -> int:
        found = self._buffer.rfind(_ITEM_END, max(0, self._scanned - len(_ITEM_END)))
        self._scanned = len(self._buffer)
        return found + len(_ITEM_END) - 1 if found >= 0 else 0

    def _counted_end(self) -> int:
        """Where the last whole item in the buffer ends, 0 if there is none; no byte is scanned twice."""
        end = 0
        while not self._in_string or self._leave_string():
            found = _TO_BRACKET.match(self._buffer, self._scanned)
            if found is None:
                self._scanned = _end_of(_TO_STRING, self._buffer, self._scanned)
                self._in_string = self._scanned < len(self._buffer)  # at the quote of one that goes on
                self._scanned += self._in_string
                if not self._in_string:
                    break
                continue
            if found[1] in b"{[":
                self._depth += 1
                if self._depth > self._limits.depth:
                    raise self._deep()
            elif self._depth == 0:  # the array's own closing bracket
                self._scanned = found.start(1)
                return end
            else:
                self._depth -= 1
                if self._depth == 0:
                    end = found.end()
            self._scanned = found.end()
        return end

    def _leave_string(self) -> bool:
        """Whether the string that began in an earlier piece ends in this one."""
        buffer, start = self._buffer, self._scanned
        end = buffer.find(_QUOTE, start)
        end = len(buffer) if end < 0 else end
        # What has no escape in it is passed twenty times as fast: somebody may send a text without end.
        self._scanned = _end_of(_IN_STRING, buffer, start) if buffer.find(_ESCAPE, start, end) >= 0 else end
        ends = buffer[self._scanned : self._scanned + 1] == _QUOTE
        self._scanned += ends
        self._in_string = not ends
        return ends

    def _deep(self) -> CutError:
        return CutError(f"an item nests deeper than {self._limits.depth} levels (limits.depth)")

    def _refuse_depth(self, items: bytes) -> None:
        depth = 0
        for found in _TO_BRACKET.finditer(items):
            depth += 1 if found[1] in b"{[" else -1
            if depth > self._limits.depth:
                raise self._deep()

    def _cut(self, end: int) -> bytes:
        start = 0 if self._indented or not self._groups else self._start_of_next()
        with memoryview(self._buffer) as whole:
            group = b"".join((b"[", whole[start:end], b"]"))  # one copy: it is all of the answer
        del self._buffer[: end + self._indented]  # with its comma, where that is known to be there
        self._scanned = 0 if self._indented else max(0, self._scanned - end)
        self._groups += 1
        return group

    def _start_of_next(self) -> int:
        """Where items go on that are not indented: behind a comma."""
        start = _end_of(_LEADING_SPACE, self._buffer, 0)
        if not self._buffer.startswith(b",", start):
            raise CutError("two items without a comma between them")
        return start + 1


def _end_of(pattern: re.Pattern[bytes], buffer: bytearray, start: int) -> int:
    found = pattern.match(buffer, start)
    return found.end() if found else start


def _size(count: int) -> str:
    return f"{count / 2**20:g} MiB"
