"""The items of a JSON array while its text arrives."""

from __future__ import annotations

import json
from typing import Any, Final

_SPACE: Final = " \t\r\n"


class Items:
    """Gives each item once it is complete; raises `ValueError` for what is no array."""

    def __init__(self) -> None:
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._expected = "["

    def feed(self, text: str) -> list[Any]:
        """The items that are complete by now."""
        self._text += text
        found: list[Any] = []
        while self._step(found):
            pass
        return found

    def finish(self) -> None:
        """The whole text has come."""
        if self._expected != "end" or self._text.strip(_SPACE):
            raise ValueError("the array is not whole")

    def _step(self, found: list[Any]) -> bool:
        self._text = self._text.lstrip(_SPACE)
        if not self._text or self._expected == "end":
            return False
        if self._expected == "[":
            return self._take("[", then="first")
        if self._expected == "," and self._text[0] == ",":
            return self._take(",", then="item")
        if self._expected in (",", "first") and self._text[0] == "]":
            return self._take("]", then="end")
        if self._expected == ",":
            raise ValueError("no comma between two items")
        return self._item(found)

    def _take(self, mark: str, *, then: str) -> bool:
        if not self._text.startswith(mark):
            raise ValueError(f"no {mark}")
        self._text, self._expected = self._text[1:], then
        return True

    def _item(self, found: list[Any]) -> bool:
        """One item, unless it may go on in the next piece."""
        try:
            item, end = self._decoder.raw_decode(self._text)
        except json.JSONDecodeError:
            return False
        if end == len(self._text):
            return False
        found.append(item)
        self._text, self._expected = self._text[end:], ","
        return True
