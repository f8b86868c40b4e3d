"""What became of a change that somebody asked for."""

from trailarrd.documents import Document


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
