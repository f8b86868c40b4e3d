"""One request as the simulated server saw it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trailarrd.testing.dialects import Dialect


class Phase(StrEnum):
    """What a request is for: the steps of a refresh, and the rest."""

    STATUS = "status"
    ROOT_FOLDERS = "rootfolder"
    LIST = "list"
    ITEM = "item"
    TAGS = "tags"
    OTHER = "other"


EVERY_PHASE: Final = frozenset(Phase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, and who was asked. The key is in `headers` or `query`, so `repr` shows neither."""

    method: str
    path: str
    """As sent, URL base included, query excluded."""
    target: str = field(repr=False)
    """Path and query, raw."""
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    """Looked up without regard to case."""
    route: str
    """The path below the URL base, in lower case and without a slash at its end."""
    below_base: bool
    """Whether the URL base was there."""
    phase: Phase
    app_name: str
    url_base: str
    api_root: str = "api"
    content: bytes = field(default=b"", repr=False)
    """What was sent with it: there may be secrets in it, too."""

    @property
    def is_api(self) -> bool:
        """Whether the API key decides, not the user interface's login."""
        return self.route == "/api" or self.route.startswith(("/api/", "/feed/", f"/{self.api_root}/"))

    def accepts_json(self) -> bool:
        """By the Accept header, which may be absent."""
        accept = self.headers.get("Accept", "*/*")
        return any(kind in accept for kind in ("*/*", "application/*", "json"))


def split_base(path: str, url_base: str) -> tuple[str, bool]:
    """The path below the URL base in its normal form, and whether the base was there."""
    lowered, base = path.lower(), url_base.lower()
    below = lowered == base or lowered.startswith(base + "/")
    rest = lowered[len(base) :] if below else lowered
    return rest.rstrip("/") or "/", below


def phase_of(route: str, dialect: Dialect) -> Phase:
    """What a request to this route is for."""
    api = f"/{dialect.api_root}"
    resource = f"{api}/{dialect.resource}"
    fixed = {
        f"{api}/{dialect.status_path}": Phase.STATUS,
        f"{api}/{dialect.roots_path}": Phase.ROOT_FOLDERS,
        resource: Phase.LIST,
        f"{api}/tag": Phase.TAGS,
    }
    if route in fixed:
        return fixed[route]
    item = route.removeprefix(f"{resource}/")
    return Phase.ITEM if item != route and item.isdecimal() else Phase.OTHER
