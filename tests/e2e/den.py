"""Everything that could give an API key away, and everything that was ever written."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import os
import shutil
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import web

from tests.process import PIPE, running

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from tests.process import Running

HEX: Final = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
QUOTED: Final = "k3y/of+the&server=1?#%"
ODD: Final = """S3"c\\r'e<t>&~\\\\"end"""
KEYS: Final = {"hex": HEX, "quoted": QUOTED, "odd": ODD}

WAYS: Final = {"hex": "written", "quoted": "!env", "odd": "!file"}
"""How each key is told in trailarrd.yaml."""


def forms(key: str) -> set[bytes]:
    """How the key may be written: as it is, cut, and as URLs, JSON, HTML, Python and base64 have it."""
    texts = {key, quote(key), quote(key, safe=""), quote_plus(key), html.escape(key), key[:12], key[-12:]}
    texts |= {repr(key)[1:-1], json.dumps(key)[1:-1], json.dumps(repr(key))[2:-2]}
    texts |= {text.lower() for text in texts}
    encoded = {base64.b64encode(key.encode()), base64.urlsafe_b64encode(key.encode())}
    return {text.encode() for text in texts} | {one.rstrip(b"=")[:-1] for one in encoded}


def found(key: str, text: bytes) -> set[bytes]:
    """The forms of the key that are in a text, in upper or lower case."""
    return {form for form in forms(key) if form.lower() in text.lower()}


# -- servers that repeat the key ------------------------------------------------------------------


def echo(key: str) -> str:
    """All that a server may say of it."""
    encoded = base64.b64encode(key.encode()).decode()
    return f"{key} {quote(key, safe='')} ?apikey={quote_plus(key)} {encoded}"


def _errors(key: str) -> dict[str, web.Response]:
    """Answers of an error with the key in their body."""
    says = {"message": echo(key), "errorMessage": echo(key), "description": echo(key)}
    return {
        "error": web.json_response(says, status=500),
        "busy": web.json_response(says, status=503, headers={"Retry-After": "0"}),
        "bad": web.json_response(says, status=400),
        "cut": web.json_response({"message": "x" * 190 + key}, status=500),
        "page": web.Response(text=f"<html>{key}</html>", content_type="text/html"),
        "kind": web.Response(text="{}", headers={"Content-Type": f"text/{quote(key, safe='')}"}),
        "name": web.json_response({"appName": "x" * 20 + key, "version": "1"}),
        "no-json": web.Response(text=f"[{key}", content_type="application/json"),
    }


def _redirects(path: str, key: str) -> dict[str, str]:
    """Redirects with the key in their Location."""
    return {
        "base": f"/{quote(key, safe='')}{path}",
        "base-plain": f"/{key}{path}",
        "host": f"https://{key}.example/",
        "user": f"http://{quote(key, safe='')}@nas.example/?apikey={key}",
        "login": f"/login?returnUrl={key}",
    }


def _library(path: str, key: str) -> web.Response:
    """A Radarr whose records make no sense, and repeat the key."""
    if path.endswith("status"):
        return web.json_response({"appName": "Radarr", "version": "6.0.0.1"})
    if path.endswith("rootfolder"):
        return web.json_response([])
    fine = {"id": 1, "title": "Alpha", "path": "/movies/Alpha", "year": 2001}
    broken = [{"id": key, "title": key}, key, {"id": 2, "title": {key: key}, "path": key}, {key: [key]}]
    return web.json_response([fine, *broken])


ERRORS: Final = ("error", "busy", "bad", "cut", "page", "kind", "name", "no-json")
REDIRECTS: Final = ("base", "base-plain", "host", "user", "login")
HOSTILE: Final = (*ERRORS, *REDIRECTS, "library")


@dataclass
class EchoServer:
    """Answers in the way that the first part of the path says."""

    key: str
    origin: str = ""
    asked: set[str] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.Response:
        """The key in another place for each way."""
        assert request.headers["X-Api-Key"] == self.key
        mode = request.path.split("/")[1]
        self.asked.add(mode)
        if mode in REDIRECTS:
            location = _redirects(request.path, self.key)[mode]
            return web.Response(status=302, headers={"Location": location})
        return _errors(self.key)[mode] if mode in ERRORS else _library(request.path, self.key)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Answers meanwhile."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self.answer)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()


# -- a plugin that tells the key to everybody: leaky.py --------------------------------------------

LEAKS: Final = (
    *("constructor", "bug", "repr", "chain", "group", "syntax", "unavailable", "rejected", "response"),
    *("warning", "log", "task", "callback", "thread", "unraisable", "list", "records"),
)
FATAL: Final = "fatal"


def _install_leaky_plugin(site: Path) -> None:
    dist = site / "trailarrd_leaky-0.0.1.dist-info"
    dist.mkdir(parents=True)
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: trailarrd-leaky\nVersion: 0.0.1\n")
    (dist / "entry_points.txt").write_text("[trailarrd]\nleaky = trailarrd_leaky\n")
    shutil.copy(Path(__file__).with_name("leaky.py"), site / "trailarrd_leaky.py")


# -- all of it together ---------------------------------------------------------------------------


@dataclass
class Den:
    """Everything that could give the key away, and everything that was ever written."""

    home: Path
    key: str
    way: str
    server: EchoServer
    said: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.home / "trailarrd.yaml"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        path = os.pathsep.join([str(self.home / "site"), *filter(None, [os.environ.get("PYTHONPATH")])])
        told = {"LEAK_KEY": self.key} if self.way == "!env" else {}
        return {**kept, **told, "HOME": str(self.home), "PYTHONPATH": path, "PYTHONWARNINGS": "always"}

    def write_config(self, style: str = "json", names: tuple[str, ...] = (*HOSTILE, *LEAKS)) -> None:
        """A connection for every way to tell the key."""
        given = {
            "!env": "!env LEAK_KEY",
            "!file": "!file leak.key",
            "written": "'" + self.key.replace("'", "''") + "'",
        }
        blocks = [
            f"  - {{name: {name}, provider: {'radarr' if name in HOSTILE else 'leaky'},"
            f" url: '{self.server.origin}/{name}', api_key: {given[self.way]},"
            " retry: {attempts: 2, max_wait: 10ms}}\n"
            for name in names
        ]
        self.config.write_text(
            f"database: {{url: 'sqlite+aiosqlite:///{self.state}/trailarrd.db'}}\n"
            f"log: {{level: debug, format: {style}}}\n"
            f"http: {{listen: 127.0.0.1:0}}\nconnections:\n{''.join(blocks)}"
        )

    async def run(self, *words: str, expect: int, config: Path | None = None) -> str:
        """A command to its end; what it wrote."""
        async with self._running(*words, config=config) as process:
            out, err = await asyncio.wait_for(process.communicate(), 100)
        self._note(" ".join(words), out + err)
        assert process.returncode == expect, (out + err).decode()
        return (out + err).decode()

    async def daemon(self, *, marks: dict[str, int], end: signal.Signals) -> str:
        """The daemon until each mark was written so often; then its files are looked at, and it ends so."""
        written = bytearray()
        async with self._running("run") as process:
            assert process.stderr
            try:
                async with asyncio.timeout(120):
                    while any(written.count(mark.encode()) < count for mark, count in marks.items()):
                        piece = await process.stderr.read(2**16)
                        assert piece, written.decode()
                        written += piece
            except TimeoutError:
                pytest.fail(f"not all of {marks} in:\n{written.decode()}")
            self.look_at_files("while the daemon runs")
            process.send_signal(end)
            out, err = await asyncio.wait_for(process.communicate(), 100)
        self._note("run", bytes(written) + out + err)
        return (bytes(written) + err).decode()

    def look_at_files(self, when: str) -> None:
        """Every file in the state directory: database, write-ahead log, locks, whatever there is."""
        for file in self.state.rglob("*"):
            if file.is_file():
                self._note(f"{file.name} {when}", file.read_bytes())

    def leaks(self) -> dict[str, set[bytes]]:
        """Where the key was written, and how."""
        return {where: forms for where, text in self.said if (forms := found(self.key, text))}

    def _running(self, *words: str, config: Path | None = None) -> AbstractAsyncContextManager[Running]:
        command = [sys.executable, "-m", "trailarrd", "--config", str(config or self.config), *words]
        return running(*command, cwd=self.home, env=self.environ, stdout=PIPE, stderr=PIPE)

    def _note(self, where: str, text: bytes) -> None:
        self.said.append((where, text))


@asynccontextmanager
async def open_den(home: Path, which: str) -> AsyncIterator[Den]:
    """One key, told in its way; the server runs, the plugin is installed, trailarrd.yaml is written."""
    async with EchoServer(KEYS[which]).running() as server:
        _install_leaky_plugin(home / "site")
        den = Den(home, server.key, WAYS[which], server)
        if den.way == "!file":
            (home / "leak.key").write_text(den.key + "\n")
        den.write_config()
        yield den
