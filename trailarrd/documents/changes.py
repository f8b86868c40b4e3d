"""What became of a change that somebody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.documents import Document

if TYPE_CHECKING:
    from trailarrd.store.intents import IntentResult


class Count(Document, frozen=True, kw_only=True):
    """How many items it was about."""

    items: int


class IntentsResult(Document, frozen=True, kw_only=True):
    """What became of each item."""

    changed: list[int]
    unchanged: list[int]
    """That was their intent already."""
    unknown: list[int]
    """There is no such item, or it is removed."""

    @classmethod
    def of(cls, result: IntentResult) -> IntentsResult:
        return cls(changed=result.changed, unchanged=result.unchanged, unknown=result.unknown)
