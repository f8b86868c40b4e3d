"""A plugin's own mistake is its connection's trouble alone: failed, internal, named, and nothing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.refresh.conftest import did
from tests.world import KEY
from trailarrd.discovery.unloaded import unloaded
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.plugin import ArrServer, Media, ProviderError, RemotePath, Secret
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from tests.refresh.conftest import World
    from trailarrd.plugin import ApiManager, SystemStatus

pytestmark = pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])


class OddError(ProviderError):
    """A plugin author's own kind of provider error, which the contract does not know."""

    kind = "odd"


@dataclass
class Buggy:
    """A good API manager, but for one method that raises what the contract does not allow."""

    good: ApiManager[Any]
    method: str
    error: Exception

    def _stumble(self, method: str) -> None:
        if method == self.method:
            raise self.error

    async def system_status(self) -> SystemStatus:
        self._stumble("system_status")
        return await self.good.system_status()

    async def root_folders(self) -> Sequence[RemotePath]:
        self._stumble("root_folders")
        return await self.good.root_folders()

    async def all_media(self) -> AsyncGenerator[Sequence[Any], None]:
        self._stumble("all_media")
        async for batch in self.good.all_media():
            yield batch
        self._stumble("the end of all_media")

    async def media(self, arr_id: int) -> Any:
        return await self.good.media(arr_id)


@pytest.mark.parametrize("method", ["system_status", "root_folders", "all_media", "the end of all_media"])
async def test_an_api_manager_that_raises_anything_else_fails_its_own_refresh(
    world: World, method: str
) -> None:
    await world.refresh()
    before = world.database.content()
    world.shelf.library.delete(2)
    with capture_logs() as logs:
        report = await world.refresh(Buggy(world.api, method, ZeroDivisionError("oops")))
    assert (report.outcome, did(report)) == (Outcome.FAILED, {})
    assert report.error is not None
    assert report.error.kind is ErrorKind.INTERNAL
    assert report.error.message == "provider radarr failed: ZeroDivisionError: oops"
    (line,) = [line for line in logs if line["log_level"] == "error"]
    assert (line["connection"], line["provider"]) == ("library", "radarr")
    assert isinstance(line["exc_info"].__cause__, ZeroDivisionError), "its traceback leads into the plugin"
    assert world.database.content() == before
    assert did(await world.refresh()) == {"fetched": 2, "unchanged": 2, "removed": 1}


async def test_a_plugin_that_was_not_loaded_is_no_bug_of_the_refresh_and_is_told_without_a_traceback(
    world: World,
) -> None:
    absent = unloaded("radarr", "ImportError: gone").api_manager(
        world.session, ArrServer(url="http://h", api_key=Secret("k"))
    )
    with capture_logs() as logs:
        report = await world.refresh(absent)
    assert report.error is not None
    assert (report.outcome, report.error.kind) == (Outcome.FAILED, ErrorKind.INTERNAL)
    assert report.error.message == "provider radarr is not loaded: ImportError: gone"
    assert "refresh.bug" not in [line["event"] for line in logs]


@pytest.mark.parametrize(
    "error",
    [
        OddError("something else"),
        ProviderError("neither of the three"),
        RuntimeError("a name that is no text: \udcff"),
        ExceptionGroup("two", [ValueError("one"), ValueError("other")]),
        TimeoutError(),
    ],
    ids=repr,
)
async def test_whatever_it_raises_the_refresh_ends_with_a_report(world: World, error: Exception) -> None:
    await world.refresh()
    before = world.database.content()
    report = await world.refresh(Buggy(world.api, "all_media", error))
    assert (report.outcome, report.error and report.error.kind) == (Outcome.FAILED, ErrorKind.INTERNAL)
    assert world.database.content() == before


async def test_a_secret_in_an_error_goes_no_further(world: World) -> None:
    report = await world.refresh(Buggy(world.api, "all_media", RuntimeError(f"cannot use {KEY} here")))
    assert report.error is not None
    assert report.error.message == "provider radarr failed: RuntimeError: cannot use *** here"
    (row,) = await world.store.connections()
    assert row.last_error == report.error.message


class Embellished(Media, frozen=True):
    """A Media with something that nobody can store."""

    extra: object = None


EMBELLISHED = Embellished(arr_id=1, title="x", path=RemotePath("/x"), monitored_remotely=True, extra=object())


@pytest.mark.parametrize("junk", [None, {"arr_id": 1}, 17, EMBELLISHED], ids=lambda junk: type(junk).__name__)
async def test_a_parser_that_returns_no_media_changes_nothing(world: World, junk: object) -> None:
    await world.refresh()
    before = world.database.content()
    parser: Any = lambda _record: junk  # noqa: E731  # what no type checker lets a plugin do
    world.provider = replace(world.provider, parser=parser)
    report = await world.refresh()
    assert report.outcome in (Outcome.FAILED, Outcome.PARTIAL)
    assert (report.added, report.updated, report.removed) == (0, 0, 0)
    assert world.database.content() == before


async def test_more_root_folders_than_any_server_has_fail_the_refresh_in_time(world: World) -> None:
    """Each would be looked at on the disk, and would have a row."""
    await world.refresh()
    before = world.database.content()
    report = await world.refresh(ManyRoots(world.api, "", ValueError()))
    assert report.error is not None
    assert report.error.message == "the server has more than 500 root folders (limits.roots)"
    assert world.database.content() == before


class ManyRoots(Buggy):
    """A server without end."""

    async def root_folders(self) -> Sequence[RemotePath]:
        return [RemotePath(f"/data/{number}") for number in range(501)]
