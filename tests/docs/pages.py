"""The documentation as data: pages, chapters, tables, code blocks."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    """The text of a page in docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def chapters(text: str) -> dict[str, str]:
    """The text below each heading, up to the next one of any depth; code blocks have no headings."""
    found: dict[str, str] = {}
    heading, in_code = "", False
    lines: list[str] = []
    for line in text.splitlines():
        in_code ^= line.startswith("```")
        if not in_code and (match := re.match(r"#+ (.+)", line)):
            found[heading] = "\n".join(lines)
            heading, lines = match[1].replace("`", ""), []
        else:
            lines.append(line)
    return {**found, heading: "\n".join(lines)}


def tables(text: str) -> list[list[list[str]]]:
    """Every table as its rows of cells, without its head."""
    found = re.findall(r"^\|.+\|\n\|[-|]+\|\n((?:\|.+\|(?:\n|$))+)", text, re.MULTILINE)
    return [
        [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.split("\n") if row]
        for rows in found
    ]


def table(text: str) -> list[list[str]]:
    """The only table of a text."""
    (only,) = tables(text)
    return only


def code(text: str, language: str) -> list[str]:
    """Every code block in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def plain(cell: str) -> str:
    """What a cell with nothing but code in it says."""
    match = re.fullmatch(r"`([^`]+)`", cell)
    assert match, f"not code alone: {cell}"
    return match[1]
