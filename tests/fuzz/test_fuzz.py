"""Bytes that nobody thought of: guided by coverage where atheris is installed, else at random."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import settings

from tests.depth import IS_DEEP
from tests.fuzz.harness import TARGETS, front, mutate, overheard
from trailarrd.documents.connections import Connections
from trailarrd.errors import DaemonError
from trailarrd.testing import RADARR, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
HOME: Final = HERE.parents[1]
EXAMPLES: Final = settings().max_examples
"""A few dozen in a normal run, thousands in `./dev deep`."""
SECONDS: Final = 600
"""For each target."""

SAID: Final = b'{"type":1,"target":"receiveMessage","arguments":[%b]}'
BODIES: Final = (
    b'{"name":"movie","body":{"action":"updated","resource":{"id":3,"title":"Alpha"}}}',
    b'{"name":"command","body":{"resource":{"name":"X","status":"completed","body":{"movieIds":[1,2]}}}}',
)
CORPUS: Final = {
    "webhook": [
        b'{"eventType": "Download", "movie": {"id": 1, "title": "Alpha"}, "isUpgrade": false}',
        b'{"eventType": "SeriesDelete", "series": {"id": 7}, "deletedFiles": true}',
        b'{"eventType": "Test", "artist": {"id": 1}}',
    ],
    "hub": [b'{}\x1e{"type":6}\x1e', *(SAID % body + b"\x1e" for body in BODIES)],
    "intercom": [
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"items": []}',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{"items": []}\r\n0\r\n\r\n',
        b'HTTP/1.1 409 Conflict\r\nConnection: close\r\n\r\n{"detail": "no", "status": 409}',
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
}
"""Good input of what comes from strangers in small pieces."""

pytestmark = [pytest.mark.deep, pytest.mark.timeout(0 if IS_DEEP else 60)]


def corpus(name: str) -> list[bytes]:
    """Good input, small enough to be changed in every place before long, and what coverage led to."""
    lines = (HERE / "corpus" / name).read_text().splitlines()
    return [*good(name), *(json.loads(line).encode("latin-1") for line in lines)]


def good(name: str) -> list[bytes]:
    """What is not in a file, as it is made of other files or of what tests use as well."""
    if name == "yaml":
        return [(HOME / "trailarrd.yaml").read_bytes(), b"connections: [{name: a, provider: radarr}]"]
    if name != "records":
        return CORPUS.get(name, [])
    items = SimulatedLibrary(RADARR, size=2, seed=1).records
    wanted = ("title", "path", "year", "monitored", "movieFile", "id")
    small = [{key: value for key, value in item.items() if key in wanted} for item in items]
    layouts = (
        json.dumps(small, indent=2),
        json.dumps(small),
        json.dumps(small, indent=2).replace("\n", "\r\n"),
    )
    return [bytes([size]) + layout.encode() for layout in layouts for size in (0, 20, 255)]


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    """The daemon that was asked, if one was."""
    yield
    if front.cache_info().currsize:
        front().close()
        front.cache_clear()


@pytest.mark.parametrize("name", list(TARGETS))
def test_the_corpus_does_no_harm(name: str) -> None:
    for data in corpus(name):
        TARGETS[name](data)


def test_the_answer_of_a_daemon_is_heard_to_its_end() -> None:
    whole, chunked, refused, nothing = CORPUS["intercom"]
    assert overheard(whole) == overheard(chunked) == Connections(items=[])
    assert overheard(nothing) is None
    with pytest.raises(DaemonError, match="no"):
        overheard(refused)
    with pytest.raises(DaemonError, match="MemoryError"):
        overheard(b"HTTP/1.1 200 OK\r\nContent-Length: 1" + b"0" * 16 + b"\r\n\r\n{}")
    for length, told in ((b"-d", "must be non-negative"), (b"d" * 20, "OverflowError")):
        with pytest.raises(DaemonError, match=told):
            overheard(chunked.replace(b"\nd", b"\n" + length))
    with pytest.raises(DaemonError, match="recursion"):
        overheard(b'HTTP/1.1 200 OK\r\n\r\n{"odd": ' + b"[" * 20_000)


@pytest.mark.parametrize(
    ("name", "rounds"),
    [
        ("records", 10 * EXAMPLES),
        ("yaml", 3 * EXAMPLES),
        ("request", EXAMPLES),
        *((name, 3 * EXAMPLES) for name in CORPUS),
    ],
)
def test_random_mutation_finds_nothing(name: str, rounds: int) -> None:
    seed = random.SystemRandom().getrandbits(32)
    chance, known = random.Random(seed), corpus(name)
    for number in range(rounds):
        data = mutate(chance, known)
        try:
            TARGETS[name](data)
        except Exception as error:
            raise AssertionError(f"seed {seed}, round {number}: {data!r}") from error


@pytest.mark.skipif(not (IS_DEEP and find_spec("atheris")), reason="only in ./dev deep, and with atheris")
@pytest.mark.parametrize("name", list(TARGETS))
def test_coverage_guided_mutation_finds_nothing(name: str, tmp_path: Path) -> None:
    for number, data in enumerate(corpus(name)):
        (tmp_path / str(number)).write_bytes(data)
    options = [f"-max_total_time={SECONDS}", f"-artifact_prefix={tmp_path}/", str(tmp_path)]
    command = [sys.executable, "-m", "tests.fuzz.harness", name, *options]
    ended = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-8000:]  # what the daemon logged, too
