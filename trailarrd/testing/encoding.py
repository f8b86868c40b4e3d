"""JSON as the Arr servers write it: indented by two spaces, raw UTF-8, in the layout of their host."""

import json
from dataclasses import dataclass
from typing import Any, Final

import msgspec


@dataclass(frozen=True, slots=True)
class Layout:
    """How a list is put together and where lines end."""

    opening: bytes
    between: bytes
    closing: bytes
    indent: int | None
    newline: str = "\n"

    def element(self, value: object) -> bytes:
        """One element of a list, at the place that it has there."""
        return self._encode(value, "\n" + " " * (self.indent or 0))

    def document(self, value: object) -> bytes:
        """A whole answer."""
        return self._encode(value, "\n")

    def _encode(self, value: object, line: str) -> bytes:
        text = line.removeprefix("\n").encode() + _indented(value, self.indent)
        # a string cannot hold a raw newline, so every one of them is between tokens
        return text.replace(b"\n", line.replace("\n", self.newline).encode())


INDENTED: Final = Layout(b"[\n", b",\n", b"\n]", 2)
INDENTED_CRLF: Final = Layout(b"[\r\n", b",\r\n", b"\r\n]", 2, "\r\n")
"""What a server on Windows sends."""
COMPACT: Final = Layout(b"[", b",", b"]", None)


def _indented(value: object, indent: int | None) -> bytes:
    """As `json.dumps` with that indent has it, whose indenting is many times as slow."""
    # a lone surrogate is no UTF-8: it goes out as its JSON escape
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")
    if indent is None:
        return text
    try:
        return msgspec.json.format(text, indent=indent)
    except msgspec.DecodeError:  # Python writes some that is no JSON: NaN
        return json.dumps(value, indent=indent, ensure_ascii=False).encode("utf-8", "backslashreplace")


def decode(text: bytes) -> Any:
    """The value of a document or element."""
    return json.loads(text)
