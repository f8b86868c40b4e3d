"""`python -m trailarrd.testing.serve`: a simulated Arr server as a process of its own."""

import argparse
import asyncio
import signal
import sys
from typing import Final

from trailarrd.testing.dialects import RADARR, SONARR
from trailarrd.testing.hub import Hub
from trailarrd.testing.library import SimulatedLibrary
from trailarrd.testing.server import API_KEY, SimulatedArr

_DIALECTS: Final = {"radarr": RADARR, "sonarr": SONARR}


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGINT or SIGTERM; prints `listening on URL` when it is ready."""
    asyncio.run(_serve(_parser().parse_args(arguments)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trailarrd.testing.serve",
        description="A simulated Arr server on 127.0.0.1 with a made-up library.",
    )
    parser.add_argument("--dialect", choices=sorted(_DIALECTS), default="radarr")
    parser.add_argument("--items", type=int, default=40, help="how many items (default: 40)")
    parser.add_argument("--seed", type=int, default=0, help="another library for another number")
    parser.add_argument("--port", type=int, default=0, help="0: a free one (default)")
    parser.add_argument("--api-key", default=API_KEY, help=f"default: {API_KEY}")
    parser.add_argument("--url-base", default="", help="for example /radarr")
    parser.add_argument("--root", action="append", default=[], help="a root folder; may be repeated")
    parser.add_argument("--login", action="store_true", help="pages outside the API want a login")
    parser.add_argument("--gzip", action="store_true", help="compress for clients that accept it")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    dialect = _DIALECTS[options.dialect]
    library = SimulatedLibrary(dialect, size=options.items, seed=options.seed, roots=tuple(options.root))
    # encoded before anybody measures, in the way that a client of this dialect asks for
    library.elements(covers=dialect.covers_switch is None)
    server = SimulatedArr(
        library,
        api_key=options.api_key,
        url_base=options.url_base,
        port=options.port,
        login=options.login,
        gzip=options.gzip,
        hub=Hub(),
    )
    stopped = _stop_signal()
    async with server:
        sys.stdout.write(f"listening on {server.url}\n")
        sys.stdout.flush()
        await stopped.wait()


def _stop_signal() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


if __name__ == "__main__":
    sys.exit(main())
