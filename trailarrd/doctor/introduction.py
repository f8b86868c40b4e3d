"""Getting to know a server for a first configuration, whether at the terminal or in a browser."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from trailarrd.config.annotated import NewConnection
from trailarrd.doctor.server import DetectedServer, ServerDetector, UnknownServerError
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code, Level
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.text import printable
from trailarrd.errors import ConfigError


class LoginWantedError(ConfigError):
    """Something in front of the server wants a login."""


class Introduction(NamedTuple):
    """A server that is known now."""

    connection: NewConnection
    told: str
    """Who it is and where its library lies, for people."""
    findings: Sequence[Finding]
    """The proof: how many of its items' folders are there, and what is not to be seen."""


async def introduce(
    detector: ServerDetector,
    server: ArrServer,
    others: Sequence[NewConnection],
    *,
    key_file: Path | None = None,
) -> Introduction:
    """Ask it who it is, and look for its library here; `others` are known already.

    Raises:
        ConfigError: it cannot be known, with what to do; `LoginWantedError` if a login is missing.
    """
    near = [one.local for other in others for one in other.mappings]
    try:
        detected = await detector.detect(server, near)
    except UnknownServerError as error:
        refused = LoginWantedError if error.code is Code.SERVER_LOGIN else ConfigError
        raise refused(f"{error}\n  {error.code.advice}") from None
    connection = NewConnection(
        name=_name_for(detected, [other.name for other in others]),
        provider=detected.provider.name,
        url=detected.url,
        told=printable(f"{detected.status.app_name} {detected.status.version}"),
        mappings=detected.mappings,
        key=None if key_file else server.api_key,
        key_file=key_file,
        basic=server.basic,
    )
    return Introduction(connection, _told_of(detected, server), _proof(detected))


def _proof(detected: DetectedServer) -> list[Finding]:
    """What was found, but for what is no trouble any more once the mappings are taken."""
    mapped = {one.remote for one in detected.mappings}
    is_all_found = mapped >= set(detected.roots)
    return [one for one in detected.findings if not (is_all_found and one.level is Level.PROBLEM)]


def _told_of(detected: DetectedServer, asked: ArrServer) -> str:
    moved = f"the server names its URL base itself, so its address is {detected.url}\n"
    number = len(detected.roots)
    roots = f"{number} root folder" if number == 1 else f"{number} root folders"
    found = "".join(f"\n  {one.remote} is {one.local} here" for one in detected.mappings)
    told = printable(f"{detected.status.app_name} {detected.status.version} with {roots}") + found
    return moved * (detected.url != asked.url) + told


def _name_for(detected: DetectedServer, taken: Sequence[str]) -> str:
    """What its items are, in the plural; a number for the second of a kind."""
    kind = str(detected.provider.media_kind)
    plural = kind if kind.endswith("s") else f"{kind}s"
    numbered = [plural, *(f"{plural}-{number}" for number in range(2, len(taken) + 2))]
    return next(name for name in numbered if name not in taken)
