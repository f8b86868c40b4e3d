"""Moments as answers tell them: in UTC, to the second, as `--json` has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def to_second(moment: datetime) -> datetime: ...
@overload
def to_second(moment: None) -> None: ...
def to_second(moment: datetime | None) -> datetime | None:
    """The moment without what is smaller than a second."""
    return moment and moment.astimezone(UTC).replace(microsecond=0)
