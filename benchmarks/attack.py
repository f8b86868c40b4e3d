"""What strangers cost: `./dev attack [--items N] [--seconds N]`.

A real daemon refreshes a large library while a program attacks it from one address of loopback, or a server
of another connection lies; somebody else asks `/health/live` from another address. Each attack is bounded,
and after it the daemon must be as it was.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp

from benchmarks import MEASURED, WARM_UP
from benchmarks.load import Daemon, running
from benchmarks.stage import SETTLED, Stage, served
from trailarrd.domain.apikey import digest_of
from trailarrd.intercom import Intercom, socket_of
from trailarrd.store.credentials import ApiKey
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

KEY: Final = "a key that reads"
TOKEN: Final = "a token of the webhook"
EVIL, GOOD = "127.0.0.66", "127.0.0.2"
BOMB: Final = gzip.compress(bytes(2**26))
DEEP: Final = b'{"ids": ' + b"[" * 900 + b"]" * 900 + b"}"
BOUNDS: Final = {
    "live_p99_ms": 100.0,
    "refresh_times": 2.0,
    "memory_mb": 200.0,
    "log_mb_a_minute": 1.0,
    "recovered_s": 5.0,
}


@dataclass
class Front:
    """The daemon's address, as an attacker sees it, and what became of his requests."""

    host: str
    port: int
    evil: str = EVIL
    """Whence he comes."""
    line: Path | None = None
    """The socket of the daemon's commands."""
    answers: dict[str, int] = field(default_factory=dict)

    def count(self, what: object) -> None:
        self.answers[str(what)] = self.answers.get(str(what), 0) + 1

    async def call(self, evil: str) -> asyncio.StreamWriter:
        _, writer = await asyncio.open_connection(self.host, self.port, local_addr=(evil, 0))
        return writer

    async def ask(self, method: str, path: str, **options: object) -> None:
        connector = aiohttp.TCPConnector(local_addr=(self.evil, 0), limit=8)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
            while True:
                try:
                    url = f"http://{self.host}:{self.port}{path}"
                    async with session.request(method, url, **options) as answer:  # type: ignore[arg-type]  # by name
                        await answer.read()
                        self.count(answer.status)
                except (aiohttp.ClientError, OSError) as error:
                    self.count(type(error).__name__)
                await asyncio.sleep(0)


async def slow_sockets(front: Front, most: int = 1100) -> None:
    """So many from forty addresses, each sending a byte of a header now and then."""
    writers: list[asyncio.StreamWriter] = []
    try:
        for number in range(most):
            with contextlib.suppress(OSError):
                writer = await front.call(f"127.0.0.{70 + number % 40}")
                writer.write(b"GET / HTTP/1.1\r\n")
                writers.append(writer)
        while True:
            front.answers["open"] = sum(not one.is_closing() for one in writers)
            for one in writers:
                if not one.is_closing():
                    one.write(b"X")
            await asyncio.sleep(1)
    finally:
        for one in writers:
            one.transport.abort()


async def bombs(front: Front) -> None:
    """Bodies that unpack to a thousand times their size, to every kind of path."""
    headers = {"Content-Encoding": "gzip"}
    paths = ("/login", "/hooks/movies", "/api/v1/media", "/nowhere")
    await asyncio.gather(*(front.ask("POST", path, data=BOMB, headers=headers) for path in paths))


async def wrong_keys(front: Front) -> None:
    """As fast as it goes, with a key that is none."""
    await asyncio.gather(
        *(front.ask("GET", "/api/v1/media", headers={"X-Api-Key": "wrong"}) for _ in range(4))
    )


async def junk(front: Front) -> None:
    """What no client sends: forms of other kinds, numbers without end, deep bodies."""
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    await asyncio.gather(
        front.ask("POST", "/login", data=b"--x", headers=multipart),
        front.ask("GET", f"/api/v1/media?limit={'9' * 5000}", headers={"X-Api-Key": KEY}),
        front.ask("POST", "/api/v1/intents", data=DEEP, headers={"X-Api-Key": KEY}),
        front.ask("GET", "/api/v1/media?q=%00", headers={"X-Api-Key": KEY}),
    )


async def streams(front: Front) -> None:
    """One key that wants to hold all streams of events."""
    await asyncio.gather(*(front.ask("GET", "/api/v1/events", headers={"X-Api-Key": KEY}) for _ in range(40)))


async def events(front: Front) -> None:
    """A server that posts without end, with the right token."""
    event = {"eventType": "Rename", "movie": {"id": 1, "title": "A movie" * 20}}
    headers = {"X-Api-Key": TOKEN}
    await asyncio.gather(*(front.ask("POST", "/hooks/movies", json=event, headers=headers) for _ in range(4)))


async def many_roots(front: Front) -> None:
    """A server that lists root folders without end, asked again and again."""
    await lied_to(front, "roots")


async def long_titles(front: Front) -> None:
    """A server whose items have titles without end, asked again and again."""
    await lied_to(front, "titles")


async def lied_to(front: Front, connection: str) -> None:
    """Refresh that connection as often as it goes."""
    assert front.line
    while True:
        asking = Intercom(front.line).ask
        told = await asyncio.to_thread(asking, "POST", "/refreshes", {"connections": [connection]})
        front.count(told["refreshes"][0]["outcome"])


ATTACKS: Final = (slow_sockets, bombs, wrong_keys, junk, streams, events)
"""By strangers on the network."""
LIES: Final = (many_roots, long_titles)
"""By a server."""


def prepare_lies(answers: Path) -> None:
    """What the lying servers say: 100,000 root folders, and 50 titles of a megabyte."""
    (answers / "roots.json").write_text("[]")
    roots = [{"id": number, "path": f"/data/{number}", "accessible": True} for number in range(1, 100_001)]
    (answers / "roots.roots.json").write_text(json.dumps(roots))
    items = [
        {"id": number, "title": f"{number}" * 2**20, "path": f"/movies/{number}", "tmdbId": number}
        for number in range(1, 51)
    ]
    (answers / "titles.json").write_text(json.dumps(items))


async def pulse(front: Front, over: asyncio.Event) -> list[float]:
    """How long `/health/live` takes somebody else, in seconds."""
    times: list[float] = []
    connector = aiohttp.TCPConnector(local_addr=(GOOD, 0))
    async with aiohttp.ClientSession(connector=connector) as session:
        while not over.is_set():
            began = time.perf_counter()
            async with session.get(f"http://{front.host}:{front.port}/health/live") as answer:
                assert answer.status == 200, answer.status
                await answer.read()
            times.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)
    return times


def memory(pid: int) -> float:
    """Megabytes that are in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


async def refreshed(daemon: Daemon, line: Path) -> float:
    """Seconds of a refresh with nothing changed, the median of three, as the daemon itself tells them."""
    took = []
    for _ in range(3):
        asking = asyncio.to_thread(Intercom(line).ask, "POST", "/connections/movies/refresh")
        _, told = await asyncio.gather(asking, daemon.until("refresh.finished", connection=MEASURED))
        took.append(float(str(told["duration_s"])))
    return statistics.median(took)


async def recovered(front: Front) -> float:
    """Seconds until somebody is answered within 50 ms again."""
    began = time.perf_counter()
    while True:
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(0.1, over.set)
        with contextlib.suppress(aiohttp.ClientError, OSError):
            if max(await pulse(front, over)) < 0.05:
                return time.perf_counter() - began


async def attacked(
    attack: Callable[[Front], Awaitable[None]],
    daemon: Daemon,
    front: Front,
    line: Path,
    seconds: float,
    quiet: float,
) -> dict[str, float]:
    """What one attack costs; `quiet` seconds is what a refresh takes without any."""
    over = asyncio.Event()
    logged = daemon.logged
    asking = asyncio.create_task(pulse(front, over))
    attacking = asyncio.ensure_future(attack(front))
    await asyncio.sleep(seconds / 2)
    took = await refreshed(daemon, line)
    await asyncio.sleep(seconds / 2)
    over.set()
    times = sorted(await asking)
    grown = daemon.logged - logged
    most = memory(daemon.process.pid)
    attacking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await attacking
    return {
        "live_p99_ms": times[len(times) * 99 // 100] * 1000,
        "refresh_times": took / quiet,
        "memory_mb": most,
        "log_mb_a_minute": grown / 1e6 * 60 / (seconds + took),
        "recovered_s": await recovered(front),
    }


async def attack_all(stage: Stage, seconds: float) -> bool:
    """Print a line for each attack; whether all bounds held."""
    url = f"sqlite+aiosqlite:///{stage.database['ours']}"
    stage.restore("ours", stage.blank)
    async with Store.open(url) as store:
        now = datetime.now(UTC)
        await store.put_webhook_token("movies", digest_of(TOKEN), now)
        await store.add_api_key(ApiKey("reader", digest_of(KEY), may_write=False, created_at=now))
    line = socket_of(url)
    assert line
    held = True
    async with running(stage, rate_limit=50) as daemon:
        host, _, port = str((await daemon.until("http.listening"))["address"]).rpartition(":")
        await daemon.until("refresh.finished", connection=MEASURED)
        await asyncio.sleep(SETTLED)  # the check of the start
        quiet = await refreshed(daemon, line)
        print(f"a refresh without any attack: {quiet:.2f} s, memory {memory(daemon.process.pid):.0f} MB")
        for attack in (*ATTACKS, *LIES):
            front = Front(host, int(port), line=line)
            cost = await attacked(attack, daemon, front, line, seconds, quiet)
            told = ", ".join(f"{name} {figure:.2f}" for name, figure in cost.items())
            print(f"{attack.__name__:13}{told}; answers {front.answers}", flush=True)
            held &= all(cost[name] < bound for name, bound in BOUNDS.items())
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trailarrd-attack-") as folder:
        stage = Stage(Path(folder), options.items)
        stage.build({"same"})
        prepare_lies(stage.answers)
        with served(stage) as url:
            liars = {name: f"{url}/{name}" for name in ("roots", "titles")}
            stage.write_config({MEASURED: f"{url}/same", WARM_UP: f"{url}/{WARM_UP}", **liars})
            held = asyncio.run(attack_all(stage, options.seconds))
    print(f"bounds: {BOUNDS}")
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
