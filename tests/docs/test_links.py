"""Every link in the repository's pages leads somewhere, and every page is found from the index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import DOCS, ROOT, chapters

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("plugins/*/*.md")])
LINKS = [
    (source, target)
    for source in PAGES
    for target in re.findall(r"\]\(([^)\s]+)\)", source.read_text(encoding="utf-8"))
    if not target.startswith("https://")
]


def anchors(target: Path) -> set[str]:
    """The anchors that a forge gives to a page's headings."""
    kept = (
        re.sub(r"[^\w\- ]", "", heading.lower()) for heading in chapters(target.read_text(encoding="utf-8"))
    )
    return {heading.replace(" ", "-") for heading in kept}


def leads_somewhere(source: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = source.parent / name if name else source
    return file.is_file() and (not anchor or anchor in anchors(file))


def test_each_link_leads_to_a_file_and_to_a_heading_in_it() -> None:
    assert [(source.name, target) for source, target in LINKS if not leads_somewhere(source, target)] == []


def test_the_links_were_found() -> None:
    """Or the test above would prove little."""
    assert len(LINKS) > 30
    assert any("#" in target for _, target in LINKS)


@pytest.mark.parametrize("index", [DOCS / "README.md", ROOT / "README.md"], ids=["docs", "top"])
def test_both_indexes_name_every_page(index: Path) -> None:
    linked = {
        (index.parent / target.partition("#")[0]).resolve() for source, target in LINKS if source == index
    }
    assert {file for file in DOCS.glob("*.md") if file.name != "README.md"} <= linked
