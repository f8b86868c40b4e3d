"""The socket beside the database, and both ends of it."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from aiohttp import web

from trailarrd.documents.connections import Count
from trailarrd.errors import DaemonError, ListenError
from trailarrd.intercom import Intercom, decoded, free_socket_of, socket_of
from trailarrd.web.server import listen, listen_beside, serving


def test_it_lies_beside_the_database(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    assert socket_of(f"sqlite+aiosqlite:///{database}") == tmp_path / "x.db.sock"
    assert socket_of(f"sqlite+aiosqlite:///{database}?timeout=3&uri=true") == tmp_path / "x.db.sock"
    (tmp_path / "why?#%20").mkdir()
    odd = tmp_path / "why?#%20" / "x.db"
    assert socket_of(f"sqlite+aiosqlite:///{odd}") == odd.with_name("x.db.sock")


def test_a_database_by_another_name_has_the_same_socket(tmp_path: Path) -> None:
    (tmp_path / "real.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    assert socket_of(f"sqlite+aiosqlite:///{tmp_path}/link.db") == tmp_path / "real.db.sock"


def test_that_of_a_database_on_a_server_is_where_this_host_keeps_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.intercom._OF_THE_SERVICE", str(tmp_path / "none"))
    for variable in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", "STATE_DIRECTORY"):
        monkeypatch.delenv(variable, raising=False)
    url = "postgresql+asyncpg://user@host/trailarrd"
    assert socket_of(url) is None
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    own = socket_of(url)
    assert own is not None
    assert own.parent == tmp_path
    assert socket_of(f"{url}2") != own
    (tmp_path / "service").mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}/service:/elsewhere")
    assert socket_of(url) == tmp_path / "service" / own.name
    own.touch()  # a command of a user who is not the service's finds what is there
    assert socket_of(url) == own


def test_beside_a_file_a_daemon_takes_it_whatever_is_there(tmp_path: Path) -> None:
    """By the file's lock it is the only one: what is there was left by one that died."""
    path = tmp_path / "x.db.sock"
    with listen_beside(path):
        assert free_socket_of(f"sqlite+aiosqlite:///{tmp_path}/x.db") == path


def test_nobody_but_its_owner_may_open_it_whatever_the_umask_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    before = os.umask(0)
    try:
        with listen_beside(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(before)
    assert not path.exists()


def test_a_folder_shared_with_a_group_and_nobody_else_has_a_socket_for_that_group(tmp_path: Path) -> None:
    modes = {}
    for mode in (0o2770, 0o770, 0o2750, 0o2775, 0o750, 0o755):
        tmp_path.chmod(mode)
        with listen_beside(tmp_path / "x.sock"):
            modes[mode] = stat.S_IMODE((tmp_path / "x.sock").stat().st_mode)
    assert modes == dict.fromkeys(modes, 0o600) | {0o2770: 0o660}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a stranger")
def test_a_stranger_is_told_the_group_that_he_is_not_in() -> None:
    """In a process that has become nobody, where root has the folder to itself and its group."""
    folder = Path(tempfile.mkdtemp())  # pytest's own are closed to nobody
    folder.chmod(0o2770)
    asks = (
        "import os, sys; from pathlib import Path; from trailarrd.intercom import Intercom\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: Intercom(Path(sys.argv[1])).is_answered()\n"
        "except Exception as error: print(error)"
    )
    with listen_beside(folder / "x.sock"):
        done = subprocess.run(
            [sys.executable, "-c", asks, folder / "x.sock"], capture_output=True, text=True, check=True
        )
    folder.rmdir()
    assert done.stdout == (
        f"the daemon's socket {folder}/x.sock is not yours: only its user and the members of the group 'root'"
        " may do that: 'sudo usermod -aG root nobody', then log in again\n"
    )


def test_a_socket_that_a_crash_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert not Intercom(path).is_answered()
    with listen_beside(path):
        assert Intercom(path).is_answered()


def test_a_long_path_is_no_trouble(tmp_path: Path) -> None:
    """A socket's address has room for 107 bytes."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with listen_beside(folder / "x.sock"):
        assert Intercom(folder / "x.sock").is_answered()


def test_where_nobody_listens_nobody_answers(tmp_path: Path) -> None:
    assert not Intercom(tmp_path / "x.sock").is_answered()
    assert not Intercom(tmp_path / "no such folder" / "x.sock").is_answered()


def test_a_folder_that_takes_no_socket_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ListenError, match=r"cannot listen on .*/x.sock: no such file"),
        listen_beside(tmp_path / "gone" / "x.sock"),
    ):
        pass


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            listen("127.0.0.1", port)
    assert str(caught.value) == (
        f"cannot listen on 127.0.0.1:{port}: address already in use; http.listen names another"
    )


async def test_a_refusal_is_told_in_its_own_words_and_an_answer_comes_from_json(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"got": await request.json()})

    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({"title": "Conflict", "detail": "not now"}, status=409)

    application = web.Application()
    application.router.add_post("/api/v1/echo", answer)
    application.router.add_post("/api/v1/refuse", refuse)
    line = Intercom(tmp_path / "x.sock")
    with listen_beside(tmp_path / "x.sock") as opened:
        async with serving(application, opened):
            assert await asyncio.to_thread(line.ask, "POST", "/echo", {"a": 1}) == {"got": {"a": 1}}
            with pytest.raises(DaemonError, match=r"^not now$") as caught:
                await asyncio.to_thread(line.ask, "POST", "/refuse")
    assert caught.value.status == 409


def test_an_answer_is_a_document_and_one_of_another_version_is_told_with_what_to_do() -> None:
    assert decoded(b'{"items": 3, "new": "a field that this version does not know"}', Count) == Count(items=3)
    for content in (b"{}", b'{"items": "three"}', b"<html>", b"\xff"):
        with pytest.raises(DaemonError, match=r"^the running daemon is of another version, restart it: "):
            decoded(content, Count)


async def test_a_daemon_that_hangs_is_not_waited_for_without_end(tmp_path: Path) -> None:
    line = Intercom(tmp_path / "x.sock")
    with listen_beside(tmp_path / "x.sock"), pytest.raises(DaemonError, match=r"not answered for 0\.2 s"):
        await asyncio.to_thread(line.ask, "GET", "/version", patience=0.2)


async def test_a_daemon_that_dies_before_it_answers_is_told(tmp_path: Path) -> None:
    line = Intercom(tmp_path / "x.sock")
    with listen_beside(tmp_path / "x.sock") as opened:
        asking = asyncio.create_task(asyncio.to_thread(line.ask, "GET", "/version"))
        connection, _ = await asyncio.to_thread(opened.accept)
        connection.close()
        with pytest.raises(DaemonError, match="did not answer"):
            await asking
