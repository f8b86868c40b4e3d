"""`/version`, `/services`, `/log`, `/plugins`, `/config` and `/checks`: what runs here, and how it fares."""

from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Annotated, Self

import msgspec

from trailarrd import __version__
from trailarrd.documents import Document, to_second
from trailarrd.documents.checks import Finding
from trailarrd.documents.config import Reloaded, Setting, settings_of
from trailarrd.documents.config_source import ConfigSource
from trailarrd.documents.log import LogLine, LogLines
from trailarrd.documents.plugins import Plugin
from trailarrd.documents.services import ServiceList
from trailarrd.web.route import change, get
from trailarrd.web.services import Examination, Services


class Plugins(Document, frozen=True, kw_only=True):
    """Every installed plugin."""

    items: list[Plugin]


class Checks(Document, frozen=True, kw_only=True):
    """What an examination found; `at` is null before the first one has ended."""

    at: datetime | None
    items: list[Finding]

    @classmethod
    def of(cls, examination: Examination) -> Self:
        return cls(at=to_second(examination.at), items=list(examination.findings))


class Configuration(Document, frozen=True, kw_only=True):
    """Every setting that the daemon goes by now."""

    items: list[Setting]


class Version(Document, frozen=True, kw_only=True):
    """What runs here."""

    version: str
    api: int = 1
    """The number in the path: it changes when a field loses its meaning."""


@get("/plugins")
async def plugins(services: Services) -> Plugins:
    """Installed plugins, what they provide, and why one was not loaded."""
    return Plugins(items=[Plugin.of(record) for record in services.plugins])


@get("/checks")
async def checks(services: Services) -> Checks:
    """What the last examination found: there is one at the start, after each reload, and on request."""
    return Checks.of(services.examined())


@change("POST", "/checks")
async def check_now(services: Services) -> Checks:
    """Examine everything now: asks every Arr server and looks at every root folder."""
    return Checks.of(await services.examine())


class Least(StrEnum):
    """From which level on."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


Within = Annotated[str, msgspec.Meta(max_length=200, description="a text that is in it, in any case")]


class LogQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lines: from that level on, and with that text in them."""

    level: Least = Least.DEBUG
    q: Within | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100


@get("/services")
async def services(services: Services) -> ServiceList:
    """What runs in the daemon, and how it fares."""
    return ServiceList(items=list(services.running()))


@get("/log")
async def log(services: Services, *, query: LogQuery) -> LogLines:
    """The last lines of the log, the newest first, from memory and without secrets."""
    return LogLines(items=lines_of(services, query))


def lines_of(services: Services, query: LogQuery) -> list[LogLine]:
    levels, text = list(Least), (query.q or "").casefold()
    wanted = set(levels[levels.index(query.level) :])
    fits = (
        LogLine(at=to_second(line.at), level=line.level, event=line.event, text=line.text)
        for line in reversed(list(services.remembered()))
        if line.level in wanted and text in f"{line.event} {line.text}".casefold()
    )
    return list(islice(fits, query.limit))


@get("/config")
async def config(services: Services) -> Configuration:
    """What the daemon goes by now, secrets masked."""
    return Configuration(items=settings_of(services.settings()))


@get("/config/source")
async def config_source(services: Services) -> ConfigSource:
    """Which files that is from, and how they were when they were read."""
    return ConfigSource.of(services.settings())


@change("POST", "/reload")
async def reload(services: Services) -> Reloaded:
    """Read the configuration anew, as SIGHUP does; with a mistake in it the old one stays in force."""
    return await services.reload()


@get("/version")
async def version(_services: Services) -> Version:
    """Which trailarrd this is."""
    return Version(version=__version__)
