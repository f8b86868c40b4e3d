"""A string that cannot print itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable


class Secret:
    """An API key or token: `str()`, `repr()` and formatting show asterisks; only `reveal()` tells."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('**********')"

    def __str__(self) -> str:
        return "**********"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled")


class Redactor:
    """Takes known secrets out of any text before it leaves the process."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        values = {form for secret in secrets for form in _forms(secret.reveal())}
        self._pattern = re.compile(
            "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)) or r"(?!)"
        )

    def clean(self, text: str) -> str:
        """The text with every secret, plain or URL-quoted, replaced by asterisks.

        What no file and no database could store (a lone surrogate) is spelled out.
        """
        return self._pattern.sub("***", text).encode(errors="backslashreplace").decode()


def _forms(value: str) -> set[str]:
    return {value, quote(value, safe=""), quote_plus(value)} - {""}
