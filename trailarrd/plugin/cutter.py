"""Cuts a JSON array that arrives in pieces into groups of whole items, without parsing it.

Arr servers indent by two spaces and write one item per block, so newline, two spaces, `}`, `,` can
only be the end of a top-level item: a raw newline cannot stand inside a JSON string. Any other
layout is cut by counting brackets, which is slower. Every group is decoded by a real JSON decoder
afterwards, and a group that was cut in the wrong place has unbalanced brackets: a wrong cut is an
error (and then tried again by counting), never a wrong item.
"""

from __future__ import annotations

import re
from typing import Final

MAX_ITEM_BYTES: Final = 32 * 2**20
"""More bytes than this without the end of an item are not a library."""

MAX_DEPTH: Final = 64
"""Real items nest five levels deep."""

_INDENTED: Final = re.compile(rb"\[\r?\n  \{")
_ITEM_END: Final = b"\n  },"
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_SPACE: Final = b" \t\r\n"
_HEAD_BYTES: Final = 64
_TELLING_BYTES: Final = len(b"[\r\n  {")


class CutError(ValueError):
    """The bytes are not a JSON array of sane items."""


class Cutter:
    """Feed it the body in pieces; it gives back JSON arrays of whole items."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._started = False
        self._indented = False
        self._groups = 0
        self._scanned = 0
        self._depth = 0

    def feed(self, piece: bytes) -> bytes | None:
        """The items that this piece completes, as a JSON array, or None if it completes none."""
        self._buffer += piece
        if not self._started and not self._start():
            return None
        end = self._indented_end() if self._indented else self._counted_end()
        if end:
            return self._cut(end)
        if len(self._buffer) > MAX_ITEM_BYTES:
            raise CutError(f"an item is larger than {MAX_ITEM_BYTES // 2**20} MiB")
        return None

    def finish(self) -> bytes:
        """What remains, as a JSON array with whatever closed (or failed to close) the body."""
        if not self._started:
            raise CutError("the answer ends before it begins")
        rest = bytes(self._buffer).strip(_SPACE)
        if self._groups and not self._indented and rest != b"]":
            raise CutError("the answer does not end with its closing bracket")
        if self._groups and self._indented and rest == b"]":
            raise CutError("the answer ends after a comma")
        return b"[" + rest

    def count_brackets(self, group: bytes) -> bytes | None:
        """Take back a group that did not decode, and cut everything from there on by counting.

        `group` is what `feed` gave last; the answer is as of `feed`.
        """
        self._groups -= 1
        self._indented = False
        self._buffer[:0] = (b"," if self._groups else b"") + group[1:-1] + b","
        self._scanned = self._depth = 0
        end = self._counted_end()
        return self._cut(end) if end else None

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
        """Where the last whole item in the buffer ends, 0 if there is none."""
        end = 0
        for token in _TOKEN.finditer(self._buffer, self._scanned):
            text = token.group()
            if text == b'"':  # a string that goes on in the next piece
                self._scanned = token.start()
                return end
            if text in b"{[":
                self._depth += 1
                if self._depth > MAX_DEPTH:
                    raise CutError(f"an item nests deeper than {MAX_DEPTH} levels")
            elif text in b"}]":
                if self._depth == 0:  # the array's own closing bracket
                    self._scanned = token.start()
                    return end
                self._depth -= 1
                if self._depth == 0:
                    end = token.end()
        self._scanned = len(self._buffer)
        return end

    def _cut(self, end: int) -> bytes:
        items = bytes(self._buffer[:end])
        del self._buffer[: end + self._indented]  # with its comma, where that is known to be there
        self._scanned = 0 if self._indented else max(0, self._scanned - end)
        if not self._indented and self._groups:
            items = items.lstrip(_SPACE)
            if not items.startswith(b","):
                raise CutError("two items without a comma between them")
            items = items[1:]
        self._groups += 1
        return b"[" + items + b"]"
