"""A second kind of thing that plugins offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy:
    """Something to play with."""

    name: str
    """What trailarrd.yaml calls it."""
    options: type[BaseModel] | None = None
    """A pydantic model of what may be said of it."""
