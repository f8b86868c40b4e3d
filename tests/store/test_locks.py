"""One refresh of a connection at a time and one daemon a database, whoever asks, from whatever process."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.process import PIPE, running
from trailarrd.errors import DatabaseError
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.process import Running

OWNER = """\
import asyncio, sys
from trailarrd.store.store import Store
async def main():
    async with Store.open(sys.argv[1]) as store, {lock}:
        print("has it", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""
REFRESH = "store.refresh_lock('movies', on_wait=print)"
DAEMON = "store.daemon_lock()"
SIGNATURE = r"trailarrd .+ \(pid {pid}, since \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)"


@asynccontextmanager
async def another_process(url: str, lock: str) -> AsyncIterator[Running]:
    """A process of its own that has the lock; it is killed at the end."""
    async with running(sys.executable, "-c", OWNER.format(lock=lock), url, stdout=PIPE) as process:
        assert process.stdout
        assert await process.stdout.readline() == b"has it\n"
        yield process


def unheard(owner: str) -> None:
    pytest.fail(f"waits for {owner}")


async def test_a_refresh_waits_for_another_process_and_is_told_which_one(store: Store, url: str) -> None:
    heard: list[str] = []
    async with another_process(url, REFRESH) as owner:

        async def wait() -> float:
            async with store.refresh_lock("movies", on_wait=heard.append):
                return time.monotonic()

        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.5)
        assert not waiting.done()
        owner.kill()
        killed = time.monotonic()
        assert await waiting - killed < 5, "the lock of an owner that died is free at once"
        (told,) = heard
        assert re.fullmatch(SIGNATURE.format(pid=owner.pid), told)


async def test_two_refreshes_of_one_process_follow_each_other(store: Store) -> None:
    inside, most = 0, 0

    async def refresh() -> None:
        nonlocal inside, most
        async with store.refresh_lock("movies", on_wait=lambda _owner: None):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(refresh() for _ in range(5)))
    assert (inside, most) == (0, 1)


async def test_two_stores_of_one_process_share_the_lock(store: Store, url: str) -> None:
    heard: list[str] = []
    async with Store.open(url) as other:
        async with store.refresh_lock("movies", on_wait=unheard):
            second = asyncio.create_task(_enter(other, heard))
            await asyncio.sleep(0.3)
            assert not second.done()
        await asyncio.wait_for(second, 10)
    assert [re.sub(r".* \(pid (\d+), .*", r"\1", told) for told in heard] == [str(os.getpid())]


async def _enter(store: Store, heard: list[str]) -> None:
    async with store.refresh_lock("movies", on_wait=heard.append):
        pass


async def test_connections_do_not_wait_for_each_other(store: Store) -> None:
    async with AsyncExitStack() as stack:
        for name in ("movies", "series", "movies-4k"):
            await stack.enter_async_context(store.refresh_lock(name, on_wait=unheard))


async def test_waiting_holds_up_nothing_else_least_of_all_who_only_reads(store: Store, url: str) -> None:
    async with another_process(url, REFRESH):
        waiting = asyncio.create_task(_enter(store, []))
        for _ in range(20):
            async with asyncio.timeout(10):
                assert [row.name for row in await store.connections()] == ["movies"]
                await asyncio.sleep(0.01)
        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


@pytest.mark.parametrize("after", [0.0, 0.001, 0.05, 0.15])
async def test_who_stops_waiting_leaves_nothing_locked(store: Store, url: str, after: float) -> None:
    """Whether it is cancelled before, in the middle of or after its first try."""
    async with Store.open(url) as other:
        async with other.refresh_lock("movies", on_wait=unheard):
            waiting = asyncio.create_task(_enter(store, []))
            await asyncio.sleep(after)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        async with other.refresh_lock("movies", on_wait=unheard):
            pass


@pytest.mark.parametrize("after", [0.0, 0.0005, 0.002])
async def test_who_is_cancelled_while_it_gets_the_lock_gives_it_back(
    store: Store, url: str, after: float
) -> None:
    taking = asyncio.create_task(_enter(store, []))
    await asyncio.sleep(after)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    async with Store.open(url) as other, other.refresh_lock("movies", on_wait=unheard):
        pass


async def test_a_second_daemon_is_refused_and_told_who_the_first_one_is(
    store: Store, url: str, path: Path
) -> None:
    async with another_process(url, DAEMON) as owner:
        with pytest.raises(DatabaseError) as caught:
            async with store.daemon_lock():
                pytest.fail("two daemons")
        signature = SIGNATURE.format(pid=owner.pid)
        assert re.fullmatch(
            f"database {re.escape(str(path))} has a daemon already: {signature}", str(caught.value)
        )
        owner.kill()
        await owner.wait()
        async with store.daemon_lock():
            pass


async def test_the_daemon_and_a_refresh_do_not_exclude_each_other(store: Store, url: str) -> None:
    async with another_process(url, DAEMON), store.refresh_lock("movies", on_wait=unheard):
        pass


async def test_a_file_by_another_name_is_the_same_database(store: Store, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "other.db"
    link.parent.mkdir()
    link.symlink_to(path)
    async with Store.open(f"sqlite+aiosqlite:///{link}") as other, store.daemon_lock():
        with pytest.raises(DatabaseError, match="has a daemon already"):
            async with other.daemon_lock():
                pytest.fail("two daemons")


async def test_a_process_that_we_start_does_not_inherit_a_lock(store: Store) -> None:
    async with AsyncExitStack() as stack:
        async with store.refresh_lock("movies", on_wait=unheard):
            child = await stack.enter_async_context(running("sleep", "60", close_fds=False))
        async with asyncio.timeout(20), store.refresh_lock("movies", on_wait=unheard):
            assert child.returncode is None


LONG = "x" * 300
NAMES = ["a/b", "a%2Fb", "../movies", "..", ".", "mövies", "mo vies", "movies*", LONG + "1", LONG + "2"]


async def test_whatever_a_connection_is_called_it_has_a_lock_of_its_own_beside_the_database(
    store: Store, path: Path
) -> None:
    async with AsyncExitStack() as stack:
        for name in NAMES:
            await stack.enter_async_context(store.refresh_lock(name, on_wait=unheard))
        locks = [one.name for one in path.parent.glob("trailarrd.db.refresh-*.lock")]
        assert len(locks) == len(NAMES)
    assert list(path.parent.parent.iterdir()) == [path.parent]


async def test_lock_files_are_for_the_databases_user(store: Store, path: Path) -> None:
    """As open or closed as the database itself: a group that may write it may also lock it."""
    async with store.refresh_lock("movies", on_wait=unheard):
        await asyncio.to_thread(path.chmod, 0o660)
        async with store.daemon_lock():
            modes = {
                one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.glob("trailarrd.db.*lock")
            }
    assert modes == {
        "trailarrd.db.open.lock": 0o600,
        "trailarrd.db.refresh-movies.lock": 0o600,
        "trailarrd.db.lock": 0o660,
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can make files for others")
async def test_the_superusers_command_does_not_lock_the_services_user_out(store: Store, path: Path) -> None:
    os.chown(path, 4711, 4712)
    async with store.refresh_lock("movies", on_wait=unheard):
        made = path.with_name("trailarrd.db.refresh-movies.lock").stat()
    assert (made.st_uid, made.st_gid) == (4711, 4712)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "null", "\x00", '{"pid": 1}'])
async def test_an_owner_that_did_not_sign_is_some_process(store: Store, path: Path, text: str) -> None:
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def wait(store: Store) -> None:
        async with store.refresh_lock("movies", on_wait=heard.set_result):
            pass

    file = path.with_name("trailarrd.db.refresh-movies.lock")
    async with store.refresh_lock("movies", on_wait=unheard), Store.open(f"sqlite:///{path}") as other:
        file.write_text(text)
        waiting = asyncio.create_task(wait(other))
        assert await heard == "another process"
    await waiting


async def test_a_lock_that_cannot_be_had_is_said(store: Store, path: Path) -> None:
    path.with_name("trailarrd.db.refresh-movies.lock").mkdir()
    with pytest.raises(DatabaseError) as caught:
        await _enter(store, [])
    lock = path.with_name("trailarrd.db.refresh-movies.lock")
    assert str(caught.value) == f"database {path} cannot be locked: {lock}: is a directory"


async def test_a_link_in_place_of_a_lock_is_not_followed(tmp_path: Path) -> None:
    """Who may write beside the database must not choose a file of ours to be overwritten."""
    target = tmp_path / "precious"
    target.write_text("as it was")
    async with Store.open(f"sqlite+aiosqlite:///{tmp_path}/a.db") as store:
        (tmp_path / "a.db.refresh-movies.lock").symlink_to(target)
        with pytest.raises(DatabaseError, match="cannot be locked"):
            async with store.refresh_lock("movies", on_wait=print):
                pass
    assert target.read_text() == "as it was"
