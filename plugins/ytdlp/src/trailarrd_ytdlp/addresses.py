"""Which addresses it can bring, and whose they are."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_YOUTUBE: Final = frozenset({"youtube.com", "youtu.be", "youtube-nocookie.com"})
_OF_YOUTUBE: Final = 50
_OF_OTHERS: Final = 10
_LONGEST: Final = 100
_NONE: Final = "nowhere"


def fits(url: str) -> int:
    """Good for YouTube, and better than nothing for any other site: what is made for one may say more."""
    if not url.lower().startswith(("http://", "https://")) or site(url) == _NONE:
        return 0
    return _OF_YOUTUBE if is_youtube(url) else _OF_OTHERS


def site(url: str) -> str:
    """`youtube`, else the host without what stands before it for a kind of device."""
    host = _host(url)
    for before in ("www.", "m.", "music."):
        host = host.removeprefix(before)
    return "youtube" if host in _YOUTUBE else host[:_LONGEST] or _NONE


def is_youtube(url: str) -> bool:
    """Whether its site needs a JavaScript runtime."""
    return site(url) == "youtube"


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
