"""How trailers went over time, and what refreshes took, as the shapes of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from trailarrd.store.trends import CostPoint, TrendPoint

WIDTH: Final = 600
HEIGHT: Final = 180
_ROWS: Final = 12
"""At most so many rows of numbers, evenly and with the last, for who does not see the chart."""
_BAR: Final = 7
"""How wide one is."""
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


@dataclass(frozen=True, slots=True)
class Bars:
    """One for each cut of a span: the average, and above it how long the longest took."""

    usual: str
    longest: str
    """Each a path of SVG."""
    top: float
    """Seconds at the upper edge."""
    start: datetime
    middle: datetime
    end: datetime
    rows: Sequence[CostPoint]
    """The same in numbers, the newest first."""
    refreshes: int
    seconds: float
    """What all of them took together."""


def draw_costs(points: Sequence[CostPoint], now: datetime, span: timedelta) -> Bars | None:
    """None if there was no refresh in that span."""
    if not points:
        return None
    start, top = now - span, max(0.1, *(one.longest for one in points))
    across = [round((WIDTH - _BAR) * min(1.0, max(0.0, (one.at - start) / span)), 1) for one in points]

    def bars(heights: Sequence[float]) -> str:
        boxes = zip(across, (HEIGHT * height / top for height in heights), strict=True)
        return "".join(
            f"M{x:g} {HEIGHT}v-{max(1.0, high):.1f}h{_BAR}v{max(1.0, high):.1f}z" for x, high in boxes
        )

    return Bars(
        usual=bars([one.seconds for one in points]),
        longest=bars([one.longest for one in points]),
        top=top,
        start=start,
        middle=now - span / 2,
        end=now,
        rows=points[::-1][:: -(-len(points) // _ROWS)],
        refreshes=sum(one.refreshes for one in points),
        seconds=sum(one.refreshes * one.seconds for one in points),
    )


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
