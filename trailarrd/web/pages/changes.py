"""What the changelog says of the installed version."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web
from markupsafe import Markup, escape

from trailarrd import __version__
from trailarrd.web.pages.site import Page
from trailarrd.web.services import Services

_CODE: Final = re.compile(r"`([^`]+)`")
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_BOLD: Final = re.compile(r"\*\*([^*]+)\*\*|\*([^*]+)\*")


class Change(NamedTuple):
    kind: str
    """`Added`, `Changed`, `Fixed`, …"""
    text: Markup


async def changes(_services: Services, _request: web.Request) -> Page:
    """One page that changes with the installed version alone."""
    title, found = _of_version(_changelog(), __version__)
    kinds = list(dict.fromkeys(one.kind for one in found))
    groups = [(kind, [one.text for one in found if one.kind == kind]) for kind in kinds]
    return Page("changes.html", {"tab": "system", "named": title, "groups": groups})


def _changelog() -> str:
    """As it was installed, or as it lies beside the sources; empty if it is nowhere."""
    installed = files("trailarrd") / "CHANGELOG.md"
    beside = Path(__file__).parents[3] / "CHANGELOG.md"
    return next((one.read_text(encoding="utf-8") for one in (installed, beside) if one.is_file()), "")


def _of_version(text: str, version: str) -> tuple[str, list[Change]]:
    """The section of that version and its title; that of what is not released yet if there is none."""
    sections = dict(_sections(text))
    titles = {title.split(" ")[0].strip("[]"): title for title in sections}
    title = titles.get(version, titles.get("Unreleased", ""))
    return title, list(_changes(sections.get(title, "")))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, content = section.partition("\n")
        yield title.strip(), content


def _changes(section: str) -> Iterator[Change]:
    for part in re.split(r"^### ", section, flags=re.MULTILINE)[1:]:
        kind, _, content = part.partition("\n")
        for item in re.split(r"^- ", content, flags=re.MULTILINE)[1:]:
            yield Change(kind.strip(), _inline(" ".join(item.split())))


def _inline(text: str) -> Markup:
    """The little Markdown that the changelog has; what a link leads to is not installed."""
    told = _LINK.sub(r"\1", str(escape(text)))
    told = _CODE.sub(r"<code>\1</code>", told)
    return Markup(_BOLD.sub(lambda found: f"<strong>{found[1] or found[2]}</strong>", told))  # noqa: S704  # it is escaped
