"""JSON as the Arr servers write it: indented by two spaces, raw UTF-8, in the layout of their host."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final


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
        separators = (",", ": ") if self.indent else (",", ":")
        text = json.dumps(value, indent=self.indent, separators=separators, ensure_ascii=False)
        # a string cannot hold a raw newline, so every one of them is between tokens
        text = line.removeprefix("\n") + text.replace("\n", line)
        # a lone surrogate is no UTF-8: it goes out as its JSON escape
        return text.replace("\n", self.newline).encode("utf-8", "backslashreplace")


INDENTED: Final = Layout(b"[\n", b",\n", b"\n]", 2)
INDENTED_CRLF: Final = Layout(b"[\r\n", b",\r\n", b"\r\n]", 2, "\r\n")
"""What a server on Windows sends."""
COMPACT: Final = Layout(b"[", b",", b"]", None)


def decode(text: bytes) -> Any:
    """The value of a document or element."""
    return json.loads(text)
