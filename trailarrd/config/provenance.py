"""Where settings and their values come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trailarrd.config.options import KnownProviders
    from trailarrd.config.wording import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """A line of a file, an environment variable, or neither: trailarrd's own default."""

    file: str | None = None
    line: int | None = None
    variable: str | None = None
    """The variable that stands for the setting, as `TRAILARRD_LOG__LEVEL`."""
    via: str | None = None
    """What the file says there, if it only says where the value is: `!env RADARR_API_KEY`."""

    @property
    def kind(self) -> str:
        """`file`, `environment` or `default`."""
        return "file" if self.file else "environment" if self.variable else "default"

    def __str__(self) -> str:
        if self.file:
            return f"{self.file}:{self.line}" + (f", {self.via}" if self.via else "")
        return f"${self.variable}" if self.variable else "default"


DEFAULT: Final = Provenance()


@dataclass(frozen=True, slots=True)
class LoadContext:
    """What was read for the settings, and what their models are given to look at beside the values."""

    path: Path
    sources: frozenset[Path] = frozenset()
    provenance: Mapping[Address, Provenance] = field(default_factory=dict)
    providers: KnownProviders | None = field(default=None, compare=False)
