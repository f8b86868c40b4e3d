"""The servers that somebody in a browser has named, and what is wanted of each; nothing is written yet."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from trailarrd.config.annotated import NewConnection
from trailarrd.config.scaffold import address
from trailarrd.doctor import Introduction, ServerDetector, introduce
from trailarrd.domain.connection import ArrServer, BasicLogin
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.secret import Secret
from trailarrd.domain.want import Years
from trailarrd.errors import ConfigError
from trailarrd.web.pages import texts

FACTS: Final = ("tags", "genres", "languages", "certifications", "years")
"""What conditions are about; with commas between, but for a range of years."""


class Introductions:
    """One for all browsers: whoever may goes on where the last one was."""

    def __init__(
        self, detector: ServerDetector, others: Callable[[], Sequence[NewConnection]] = tuple
    ) -> None:
        """`others` are connections that there are already."""
        self.known: list[Introduction] = []
        self.turn = asyncio.Lock()
        """Held by whoever adds to it or writes it down, until that is whole."""
        self._detector = detector
        self._others = others

    @property
    def connections(self) -> list[NewConnection]:
        return [one.connection for one in self.known]

    async def meet(self, form: Mapping[str, str]) -> None:
        """Get to know one more server; raises `ConfigError` as `introduce` does."""
        url, key, user, password = (form.get(name, "").strip() for name in ("url", "key", "user", "password"))
        basic = BasicLogin(user=Secret(user), password=Secret(password)) if user else None
        server = ArrServer(url=address(url), api_key=Secret(key), basic=basic)
        async with self.turn:
            others = [*self._others(), *self.connections]
            if server.url in {one.url for one in others}:
                raise ConfigError(texts.plain("add.known", url=server.url))
            self.known.append(await introduce(self._detector, server, others))

    def forget(self, name: str) -> None:
        self.known = [one for one in self.known if one.connection.name != name]

    def chosen(self, form: Mapping[str, str]) -> list[NewConnection]:
        """The connections as they are to be written; raises `ConfigError` for what means nothing."""
        return [_chosen(one, form) for one in self.connections]


def _chosen(one: NewConnection, form: Mapping[str, str]) -> NewConnection:
    mode = form.get(f"mode-{one.name}", "")
    mappings = one.mappings if f"mappings-{one.name}" in form else ()
    known = MonitorMode(mode) if mode in {*MonitorMode} else MonitorMode.MISSING
    return replace(one, mode=known, want=_want(one.name, form), mappings=mappings)


def _want(name: str, form: Mapping[str, str]) -> dict[str, object]:
    """What `want:` says in trailarrd.yaml; what is usual there is left out."""
    said: dict[str, dict[str, object]] = {"only": {"released": f"choosy-{name}" in form}, "never": {}}
    for which, facts in said.items():
        for fact in FACTS:
            facts[fact] = _told(form.get(f"{which}-{fact}-{name}", ""), fact)
        said[which] = {fact: value for fact, value in facts.items() if value}
    without_file = {"without_file": True} if f"fileless-{name}" in form else {}
    return without_file | {which: facts for which, facts in said.items() if facts}


def _told(text: str, fact: str) -> object:
    """A range of years, or words."""
    if fact != "years":
        return [word.strip() for word in text.split(",") if word.strip()]
    try:
        return str(Years.parse(text)) if text.strip() else None
    except ValueError:
        raise ConfigError(texts.plain("add.years", years=text.strip())) from None
