"""A string that cannot print itself."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Final

_SHORTEST_BASE64: Final = 8
"""Fewer characters than that may be part of any word."""

_SHORTEST_PART: Final = 12
"""What is left of it by `reprlib`, which asyncio uses."""

_SHORTEST_CUT: Final = 20
_LONGEST_CUT: Final = 64
"""Of shorter ones a part may be a word of its own, of longer ones there are too many parts."""

_BACKSLASHES: Final = r"(?:\\|%(?:25)*5c)++"
"""However many of them the value has: each escape doubles them."""

_AT_FIRST_BACKSLASH: Final = r"(?<!\\)(?<!5c)"
"""Or a long row of them would be searched again from each one."""


class Secret:
    """An API key or token: `str()`, `repr()` and formatting show asterisks; only `reveal()` tells.

    Keep the Secret, not what it reveals: what is revealed may end up in a traceback::

        headers = {"X-Api-Key": server.api_key.reveal()}
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, handler: Callable[[type], object]
    ) -> dict[str, object]:
        """So that the model of a plugin's options can have one; written as a text, and printed as asterisks.

        Such a schema is plain data, so that pydantic itself need not be known here.
        """

        def validate(value: object, text: Callable[[object], str]) -> Secret:
            return value if isinstance(value, cls) else cls(text(value))

        return {
            "type": "function-wrap",
            "function": {"type": "no-info", "function": validate},
            "schema": handler(str),
            "serialization": {"type": "to-string"},
        }

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


class LoginName(Secret):
    """Not shown where it is set, though it is no secret elsewhere: the word may be part of any text."""

    __slots__ = ()


class Redactor:
    """Takes known secrets out of any text before it leaves the process."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        values = sorted({secret.reveal() for secret in secrets} - {""}, key=len, reverse=True)
        patterns = [pattern for value in values for pattern in (*_spelled(value), *_in_base64(value))]
        self._pattern = re.compile("|".join(patterns) or r"(?!)", re.IGNORECASE)

    def clean(self, text: str) -> str:
        """The text with every secret replaced by asterisks, however it is quoted or escaped there.

        What no file and no database could store (a lone surrogate) is spelled out.
        """
        return self._pattern.sub("***", text).encode(errors="backslashreplace").decode()


def _spelled(value: str) -> Iterator[str]:
    """The value as it is or escaped: for a URL, JSON, HTML or a repr, each character in its own way.

    A line of the log may have been escaped more than once; host names are told in lower case; Python shows
    only the beginning and the end of a long text.
    """
    runs = [(char, 1 if char == "\\" else len(list(run))) for char, run in groupby(value)]
    spelled = [
        _BACKSLASHES if char == "\\" else _character(char) for char, count in runs for _ in range(count)
    ]
    length = len(spelled)
    parts = [spelled]
    if _SHORTEST_CUT <= length <= _LONGEST_CUT:
        parts += [spelled[:end] for end in range(length - 1, _SHORTEST_PART - 1, -1)]
        parts += [spelled[begin:] for begin in range(1, length - _SHORTEST_PART + 1)]
    for part in parts:
        yield "".join(part if part[0].isalnum() else [_AT_FIRST_BACKSLASH, *part])


def _character(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    number = ord(char)
    in_url = "".join(f"%(?:25)*{byte:02x}" for byte in char.encode(errors="surrogatepass"))
    spellings = [
        re.escape(char),
        in_url,
        f"u{number:04x}",
        f"x{number:02x}",
        f"&#(?:0*{number}|x0*{number:x});",
    ]
    spellings += [re.escape(escape(char))] if escape(char) != char else []
    spellings += [r"\+"] if char == " " else []
    return rf"\\*+(?:{'|'.join(spellings)})"


def _in_base64(value: str) -> Iterator[str]:
    """The characters that base64 has for the value, wherever in the encoded text it begins."""
    for before in range(3):
        content = bytes(before) + value.encode(errors="surrogatepass")
        first, last = -(-before * 8 // 6), len(content) * 8 // 6
        encoded = b64encode(content).decode()[first:last]
        if len(encoded) >= _SHORTEST_BASE64:
            yield re.escape(encoded).replace(r"\+", r"[+-]").replace("/", "[/_]")
