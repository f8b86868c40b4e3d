"""The life of a refresh seen from the plugin: what docs/plugins.md says is called, in that order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.pages import chapters, page, table
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from tests.refresh.conftest import World
    from trailarrd.plugin import ApiManager, RemotePath, SystemStatus

ROWS = table(chapters(page("plugins.md"))["The life of a refresh"])
CALLS = list(dict.fromkeys(match[1] for row in ROWS if (match := re.match(r"`(\w+)\(", row[1]))))


@dataclass
class Noting:
    """A good API manager that notes what it is asked."""

    good: ApiManager[Any]
    calls: list[str] = field(default_factory=list)

    async def system_status(self) -> SystemStatus:
        self.calls.append("system_status")
        return await self.good.system_status()

    async def root_folders(self) -> Sequence[RemotePath]:
        self.calls.append("root_folders")
        return await self.good.root_folders()

    async def all_media(self) -> AsyncGenerator[Sequence[Any], None]:
        self.calls.append("all_media")
        async for batch in self.good.all_media():
            yield batch

    async def media(self, arr_id: int) -> Any:
        self.calls.append("media")
        return await self.good.media(arr_id)


def test_the_page_tells_of_every_call() -> None:
    calls = ["api_manager", "system_status", "root_folders", "all_media", "parser", "webhook", "aclose"]
    assert calls == CALLS


@pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])
async def test_a_refresh_calls_a_plugin_as_the_page_says(world: World) -> None:
    noting = Noting(world.api)
    real = world.provider.parser

    def parser(record: Any) -> Any:
        noting.calls.append("parser")
        return real(record)

    world.provider = replace(world.provider, parser=parser)
    await world.refresh(noting)
    first_times = list(dict.fromkeys(noting.calls))
    assert first_times == CALLS[1:5]
    assert noting.calls.count("parser") == 3
    assert noting.calls.count("all_media") == 1
