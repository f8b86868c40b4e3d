"""What is wrong in a configuration file, as a user is told it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trailarrd.config.wording import Address


class Position(NamedTuple):
    """A place in the file, both counted from 1."""

    line: int
    column: int


class FieldError(ValueError):
    """A value that its setting cannot take, in words of our own; every other `ValueError` is a stranger's."""

    def __init__(self, message: str, *, hint: str | None = None, twin: Address | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.twin = twin
        """Another value that it cannot go together with; `{}` in the hint stands for its place."""


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
