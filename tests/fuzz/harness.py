"""What must hold for any bytes whatsoever, and how to look for bytes for which it does not.

`python -m tests.fuzz.harness records -max_total_time=600` lets atheris search, guided by coverage, if
it is installed (`pip install atheris`); `TARGETS` has the others. What ends it lies as `crash-…` in the
folder where it ran. Without it `mutate` makes do. What it finds of use is kept in `corpus/`, as a line of
JSON each, of which every letter is a byte.
"""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from tests.fuzz.front import Front


_TOKENS: Final = (
    *(
        b"\n  },",
        b"\r\n  },",
        b"\n  {",
        b"},{",
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b'"',
        b"\\",
        b'\\"',
        b"\\ud800",
    ),
    *(
        b"null",
        b"NaN",
        b"1e999",
        b"-",
        b"9" * 30,
        b"\xef\xbb\xbf",
        b"\xff",
        b"\x00",
        b"\n",
        b"\t",
        b"  ",
        b": ",
    ),
    *(
        b"- ",
        b"#",
        b"&a ",
        b"*a",
        b"!env ",
        b"!file ",
        b"|",
        b">",
        b"---",
        b"${",
        b"}",
        b"<<: *a",
        b"? ",
        b"api_key: ",
    ),
)


def records(data: bytes) -> None:
    """The cutter and the decoder: exactly the items of one JSON array, or a `CutError`."""
    from trailarrd.plugin.cutter import CutError
    from trailarrd.plugin.library import RecordStream
    from trailarrd_radarr.api import MovieRecord

    body, stream, found = data[1:], RecordStream(MovieRecord), 0
    size = 1 + (data[0] if data else 0)
    try:
        for start in range(0, len(body), size):
            found += len(stream.feed(body[start : start + size]))
        found += len(stream.finish())
    except CutError:
        return
    # what is skipped is not looked at, so it may hold what no JSON string can
    items = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    assert isinstance(items, list)
    assert len(items) == found


def yaml(data: bytes) -> None:
    """The loader: settings, or a `ConfigError`."""
    from trailarrd.config import load
    from trailarrd.errors import ConfigError

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trailarrd.yaml"
        file.write_bytes(data)
        with suppress(ConfigError):
            load(file, providers={"radarr", "sonarr"}, environ={"HOME": "/home/me"})


def webhook(data: bytes) -> None:
    """An event that somebody posts: a hint, or a `ValueError` in words."""
    from msgspec import MsgspecError, json

    from trailarrd.plugin import ArrWebhook

    try:
        event = json.decode(data, type=dict[str, object])
    except (MsgspecError, RecursionError, UnicodeDecodeError):
        return
    for item in ("movie", "series", "artist"):
        with suppress(ValueError):
            assert ArrWebhook(item=item)(event).event


def hub(data: bytes) -> None:
    """A message of a server's hub: hints, or the error of a hub that cannot be understood."""
    from trailarrd.errors import ProviderResponseError
    from trailarrd.plugin import ArrLive
    from trailarrd.plugin import hub as wire

    reader = ArrLive(item="movie", parts={"moviefile": "movieId"})
    for text in data.decode(errors="replace").split("\x1e"):
        with suppress(ProviderResponseError):
            for message in wire._messages(wire._decode(text)):
                hint = reader._hint(message.get("name"), message.get("body"))
                assert hint is None or all(0 < arr_id < 2**63 for arr_id in hint.arr_ids)


def request(data: bytes) -> None:
    """Whatever is asked over HTTP: an answer that is no mistake of ours."""
    assert front().ask(data) != 500, list(front().asked)


@cache
def front() -> Front:
    """A daemon that is asked; to be closed."""
    from tests.fuzz.front import Front

    return Front()


def overheard(answer: bytes) -> Any:
    """What a command makes of exactly these bytes, as those of the daemon; raises `DaemonError`."""
    from trailarrd.documents.connections import Connections

    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        return _line()(ours).ask("GET", "/connections", kind=Connections)


@cache
def _line() -> type[Any]:
    """Of lines that are connected already; made late, so that coverage guides the search in it, too."""
    from trailarrd.intercom import Intercom

    class Overheard(Intercom):
        def __init__(self, ours: socket.socket) -> None:
            super().__init__(Path("nowhere.sock"))
            self._ours = ours

        def _connect(self, patience: float | None) -> socket.socket:
            self._ours.settimeout(patience)
            return self._ours

    return Overheard


def intercom(data: bytes) -> None:
    """What comes by the socket beside the database: a value, or a `DaemonError`."""
    from trailarrd.errors import DaemonError

    with suppress(DaemonError):
        overheard(data[:50_000])


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "records": records,
    "yaml": yaml,
    "webhook": webhook,
    "hub": hub,
    "request": request,
    "intercom": intercom,
}


def mutate(random: Random, corpus: Sequence[bytes]) -> bytes:
    """Some bytes of the corpus with a few things wrong."""
    data = random.choice(corpus)
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        data = _mutate_once(random, data, corpus)
    return data


def _mutate_once(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    start, end = sorted(random.randrange(len(data) + 1) for _ in range(2))
    near = min(end, start + random.choice((0, 1, 4, 64)))
    match random.randrange(6):
        case 0:
            return data[:start] + data[near:]
        case 1:
            return data[:start] + random.choice(_TOKENS) + data[near:]
        case 2:
            return data[:start] + random.randbytes(1) + data[start + 1 :]
        case 3:
            return data[:near] + data[start:near] * random.choice((1, 3)) + data[near:]
        case 4:
            return data[:start]
    other = random.choice(corpus)
    return data[:start] + other[random.randrange(len(other) + 1) :]


_GUIDES: Final = ["trailarrd", "trailarrd_radarr", "yaml", "aiohttp", "http"]
"""What coverage is measured in: all that is loaded would take half a minute to begin, and guides nowhere."""


def main() -> None:
    """Let atheris search for ever, or as long as its own options say."""
    atheris: Any = import_module("atheris")  # wanted by nobody but this
    target = TARGETS[sys.argv.pop(1)]
    with atheris.instrument_imports(include=_GUIDES):
        target(b"")
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
