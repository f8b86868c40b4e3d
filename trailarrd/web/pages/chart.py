"""How many trailers were there, wanted and unknown over time, as the shapes of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from trailarrd.store import TrendPoint

WIDTH: Final = 600
HEIGHT: Final = 180
_ROWS: Final = 12
"""Rows of numbers for who does not see the chart."""
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
    top = _round_up(max(max(one.present, one.wanted, one.unknown) for one in points))
    start = now - span
    spots = [(_across(one.at - start, span), one) for one in points]

    def line(numbers: Sequence[int]) -> str:
        """A number holds until the next one, and to the end."""
        across = [spot for spot, _ in spots]
        return "".join(_steps(across, [HEIGHT - HEIGHT * one / top for one in numbers]))

    present = line([one.present for one in points])
    return Chart(
        lines={
            "present": present,
            "wanted": line([one.wanted for one in points]),
            "unknown": line([one.unknown for one in points]),
        },
        area=f"{present}V{HEIGHT}H{spots[0][0]:g}Z",
        top=top,
        start=start,
        middle=now - span / 2,
        end=now,
        rows=_thinned(points)[::-1],
        last=points[-1],
    )


def _across(since: timedelta, span: timedelta) -> float:
    return round(WIDTH * min(1.0, max(0.0, since / span)), 1)


def _steps(across: Sequence[float], down: Sequence[float]) -> Iterator[str]:
    yield f"M{across[0]:g} {down[0]:.1f}"
    for x, y in zip(across[1:], down[1:], strict=True):
        yield f"H{x:g}V{y:.1f}"
    yield f"H{WIDTH}"


def _round_up(number: int) -> int:
    """The next number that is good to read at an axis, with room for its half."""
    size = int(10 ** max(0, len(str(number)) - 1))
    return max(4, next(step * size for step in _STEPS if step * size >= number))


def _thinned(points: Sequence[TrendPoint]) -> list[TrendPoint]:
    """A few of them, evenly, with the last."""
    step = max(1, -(-len(points) // _ROWS))
    return list(points[::-1][::step][::-1])
