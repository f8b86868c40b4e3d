"""How the messages of this package speak: quotes, lists, addresses, did-you-mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, TypeAlias

from trailarrd.domain.text import printable

Address: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the configuration: keys and indices from the top."""

_LONGEST_QUOTE: Final = 60
_WORD_BREAK: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def quote(text: str) -> str:
    """A value in quotes, cut if it is long."""
    cut = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    return f"'{printable(cut, ' ')}'"


def kind(value: object) -> str:
    """What a user would call this value."""
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "text"


def reason(error: Exception) -> str:
    """Why a file cannot be used, in the system's words; a `ValueError` is about its name."""
    return (getattr(error, "strerror", None) or "not a path").lower()


def address_text(address: Address) -> str:
    """`connections[0].url`; empty for the top."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in address)
    return "".join(parts).removeprefix(".")


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that was probably meant, whatever its case and separators."""
    by_form = {_form(candidate): candidate for candidate in sorted(words)}
    close = get_close_matches(_form(word), by_form, n=1, cutoff=0.65)
    return by_form[close[0]] if close else None


def _form(word: str) -> str:
    return _WORD_BREAK.sub("_", word).lower().replace("-", "_")


def did_you_mean(word: str, words: Iterable[str]) -> str | None:
    meant = nearest(word, words)
    return f"did you mean {quote(meant)}?" if meant else None
