"""How many trailers were there, wanted and unknown over time, as the shapes of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from trailarrd.store.trends import TrendPoint

WIDTH: Final = 600
HEIGHT: Final = 180
_ROWS: Final = 12
"""At most so many rows of numbers, evenly and with the last, for who does not see the chart."""
_STEPS: Final = (1, 2, 3, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines from left (the oldest) to right (now), and what stands at the axes."""

    lines: dict[str, str]
    """By what they show; each a path of SVG."""
    area: str
    """The ground below what is present."""
    top: int
    """The number at the upper edge."""
    start: datetime
    middle: datetime
    end: datetime
    rows: Sequence[TrendPoint]
    """The same in numbers, the newest first."""
    last: TrendPoint


def draw(points: Sequence[TrendPoint], now: datetime, span: timedelta) -> Chart | None:
    """None if nothing is known yet."""
    if not points:
        return None
    counts = {
        "present": [one.present for one in points],
        "wanted": [one.wanted for one in points],
        "unknown": [one.unknown for one in points],
    }
    start, top = now - span, _round_up(max(map(max, counts.values())))
    across = [round(WIDTH * min(1.0, max(0.0, (one.at - start) / span)), 1) for one in points]
    lines = {what: _line(across, numbers, top) for what, numbers in counts.items()}
    return Chart(
        lines=lines,
        area=f"{lines['present']}V{HEIGHT}H{across[0]:g}Z",
        top=top,
        start=start,
        middle=now - span / 2,
        end=now,
        rows=points[::-1][:: -(-len(points) // _ROWS)],
        last=points[-1],
    )


def _line(across: Sequence[float], numbers: Sequence[int], top: int) -> str:
    """A number holds until the next one, and to the end."""
    down = [HEIGHT - HEIGHT * number / top for number in numbers]
    steps = (f"H{x:g}V{y:.1f}" for x, y in zip(across[1:], down[1:], strict=True))
    return f"M{across[0]:g} {down[0]:.1f}{''.join(steps)}H{WIDTH}"


def _round_up(number: int) -> int:
    """The next number that is good to read at an axis, with room for its half."""
    size = int(10 ** max(0, len(str(number)) - 1))
    return max(4, next(step * size for step in _STEPS if step * size >= number))
