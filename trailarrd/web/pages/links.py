"""Where else an item is to be found: where its provider says, and at the video that its server suggests."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import quote

_VIDEO: Final = "https://www.youtube.com/watch?v={}"
_NAMED: Final = re.compile(r"{(\w+)}")


class Link(NamedTuple):
    text: str
    """Empty: it is the video that its server suggests."""
    address: str


def links_of(
    patterns: Mapping[str, str], known: Mapping[str, str | None], video: str | None
) -> Iterator[Link]:
    """Those of which all is known that stands in their braces; `url` is taken as it is."""
    for text, pattern in patterns.items():
        if all(known.get(name) for name in _NAMED.findall(pattern)):
            yield Link(text, _NAMED.sub(lambda found: _part(found[1], str(known[found[1]])), pattern))
    if video:
        yield Link("", _VIDEO.format(quote(video, safe="")))


def _part(name: str, value: str) -> str:
    return value.rstrip("/") if name == "url" else quote(value, safe="")
