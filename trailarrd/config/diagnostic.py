"""What is wrong in a configuration file, as a user is told it, and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from trailarrd.domain.text import printable
from trailarrd.errors import ConfigError


class Position(NamedTuple):
    """A place in the file, both counted from 1."""

    line: int
    column: int


class FieldError(ValueError):
    """A value that its setting cannot take, in words of our own; every other `ValueError` is a stranger's."""

    def __init__(
        self, message: str, *, hint: str | None = None, twin: Address | None = None, absent: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.twin = twin
        """Another value that it cannot go together with; `{}` in the hint stands for its place."""
        self.absent = absent
        """Whether it is only not to be had here: another user, or the service, may well have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One mistake; there is never a secret in it."""

    file: str
    """Or the environment variable, with a dollar sign."""
    line: int | None
    """None for a variable that is one value."""
    column: int | None
    section: str
    """The key at the top of the file that it is below; empty for the file itself."""
    setting: str
    """`connections[0].url`; empty where no setting is to blame."""
    message: str
    hint: str | None
    source: str
    """The offending line, with an ellipsis for what must not be shown."""
    caret: int
    """The column in `source` to point at, from 1; not `column` where an ellipsis stands before it."""

    def __str__(self) -> str:
        where = f"{self.file}: " if self.line is None else f"{self.file}:{self.line}:{self.column}: "
        setting = f"{self.setting}: " if self.setting else ""
        text = [where + setting + self.message]
        if self.source.strip():
            text += [f"    {self.source.rstrip()}", "    " + " " * (self.caret - 1) + "^"]
        if self.hint:
            text.append(f"    hint: {self.hint}")
        return "\n".join(text)


class InvalidConfigError(ConfigError):
    """A configuration file with mistakes in it, all of them at once."""

    def __init__(self, diagnostics: Iterable[Diagnostic], sources: Iterable[Path] = ()) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources = frozenset(sources)
        """All that was read up to the mistakes, absolute, as `Settings.sources`: mended, it may do."""
        super().__init__("\n".join(map(str, self.diagnostics)))


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
    told = getattr(error, "strerror", None) or "not a path"
    return told[:1].lower() + told[1:]


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
