"""Files with one mistake: a valid one of five lines, and what stands in it instead."""

from __future__ import annotations

BLOCK = {
    "name": "  - name: movies",
    "provider": "    provider: radarr",
    "url": "    url: http://nas:7878",
    "api_key": "    api_key: abc",
}


def block(*lines: str, before: str = "") -> str:
    """A valid file with some lines instead of its own, or after them."""
    given = BLOCK | {line.split(":")[0].strip(" -"): line for line in lines}
    return before + "connections:\n" + "\n".join(given.values()) + "\n"


def without(key: str) -> str:
    return "connections:\n" + "\n".join(line for name, line in BLOCK.items() if name != key) + "\n"
