"""What an API manager opened is closed by itself, before its session, and stops nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from tests.shipped import shipped_providers
from trailarrd.discovery.unloaded import lent_api_manager
from trailarrd.plugin import ArrServer, Secret
from trailarrd.plugin.session import open_session

RADARR = shipped_providers()["radarr"]
SERVER = ArrServer(url="http://127.0.0.1:7878", api_key=Secret("k"))


class Closing:
    """Notes whether its session was still open when it was closed."""

    closed: ClassVar[list[bool]] = []

    def __init__(self, session: Any, _server: ArrServer) -> None:
        self.session = session

    async def aclose(self) -> None:
        self.closed.append(self.session.closed)


class Failing(Closing):
    async def aclose(self) -> None:
        raise RuntimeError("nothing to close")


async def test_an_api_manager_is_closed_before_its_session() -> None:
    Closing.closed.clear()
    manager: Any = Closing
    provider = replace(RADARR, api_manager=manager)
    async with open_session(SERVER) as session, lent_api_manager(provider, session, SERVER):
        assert Closing.closed == []
    assert Closing.closed == [False]


async def test_one_that_cannot_be_closed_stops_nobody() -> None:
    manager: Any = Failing
    provider = replace(RADARR, api_manager=manager)
    async with open_session(SERVER) as session, lent_api_manager(provider, session, SERVER):
        pass
    assert session.closed


async def test_one_without_it_is_left_alone() -> None:
    async with open_session(SERVER) as session, lent_api_manager(RADARR, session, SERVER) as api:
        assert not hasattr(api, "aclose")
    assert session.closed
