"""The scaling line as an SVG: CPU seconds by items, both on logarithmic axes."""

from __future__ import annotations

import math
from typing import Any

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 30, 50
LINES = (("cold", "#c2410c"), ("no change", "#1d4ed8"))
"""The scenarios that are drawn, each beside its floor."""


def draw(rows: list[dict[str, Any]]) -> str:
    """Ours as whole lines, the floor as dashed ones."""
    shown = [row for row in rows if row["scenario"] in dict(LINES)]
    plot = _Plot([row["items"] for row in shown], [row[side] for row in shown for side in ("cpu", "floor")])
    parts = [*plot.axes()]
    for scenario, colour in LINES:
        mine = [row for row in shown if row["scenario"] == scenario]
        for side, name, dash in (("cpu", scenario, ""), ("floor", f"{scenario}: floor", "6 5")):
            parts += plot.line([(row["items"], row[side]) for row in mine], colour, dash, name)
    style = "font-family: system-ui, sans-serif; font-size: 13px"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" style="{style}">\n'
        f"<title>CPU seconds of a refresh by the number of items</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


class _Plot:
    """Where a figure lies on the picture."""

    def __init__(self, items: list[int], seconds: list[float]) -> None:
        self._x = (math.floor(math.log10(min(items))), math.ceil(math.log10(max(items))))
        self._y = (math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds))))

    def x(self, items: float) -> float:
        low, high = self._x
        return LEFT + (math.log10(items) - low) / max(1, high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, seconds: float) -> float:
        low, high = self._y
        return HEIGHT - BOTTOM - (math.log10(seconds) - low) / max(1, high - low) * (HEIGHT - TOP - BOTTOM)

    def axes(self) -> list[str]:
        """A line for each power of ten."""
        parts = []
        for power in range(self._x[0], self._x[1] + 1):
            x = self.x(10.0**power)
            parts.append(_rule(x, TOP, x, HEIGHT - BOTTOM))
            parts.append(_text(x, HEIGHT - BOTTOM + 20, f"{10**power:,}", "middle"))
        for power in range(self._y[0], self._y[1] + 1):
            y = self.y(10.0**power)
            parts.append(_rule(LEFT, y, WIDTH - RIGHT, y))
            parts.append(_text(LEFT - 8, y + 4, f"{10.0**power:g} s", "end"))
        parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "items", "middle"))
        return parts

    def line(self, points: list[tuple[int, float]], colour: str, dash: str, name: str) -> list[str]:
        """One line with its name at its end."""
        if not points:
            return []
        places = [(self.x(items), self.y(seconds)) for items, seconds in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        end_x, end_y = places[-1]
        last = points[-1][1]
        below = 14 if dash else -4
        return [
            (
                f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"'
                f' stroke-dasharray="{dash}"/>'
            ),
            *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places),
            _text(end_x + 8, end_y + below, f"{name} {last:.2g} s", "start", colour),
        ]


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#e5e7eb"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#374151") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
