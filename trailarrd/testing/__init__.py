"""Simulated Arr servers: real HTTP on loopback, made-up libraries, and every way to go wrong.

You are in the right room if you want to try something against a Radarr or Sonarr without owning
one. `SimulatedLibrary` is what the server holds and may change at any time, `SimulatedArr` serves
it, a `Fault` spoils the answers, a `Gate` stands in front. A `Dialect` is all that tells one
application from another, so other applications are described, not programmed, and
`Dialect.from_samples` describes one by a few of its records. `python -m trailarrd.testing.serve
--help` runs one as a process of its own.

    library = SimulatedLibrary(RADARR, size=40, seed=1, roots=("/movies",))
    async with SimulatedArr(library, api_key="0123456789abcdef", url_base="/radarr") as arr:
        ...                                             # a client talks to arr.url
        library.delete(3)                               # the user changes the library
        arr.fault = Stall(at=0.5, phase=Phase.LIST)     # the network misbehaves
        arr.fault = None                                # and is well again
        arr.gate = Gate(basic=("me", "open"))           # a proxy wants a login, too
        await arr.stop()                                # the server goes away
        await arr.start()                               # and comes back on the same port

`SimulatedSite` serves videos, and `toy` is a downloader that brings them.

Nothing here imports the rest of trailarrd: the simulation follows the servers, not our client. Exceptions
are `demo`, `contract`, the conformance kits that a plugin's author runs, and the plugin `toy`.
"""

from typing import Final

from trailarrd.testing.answers import Answer, Delivery, Ending
from trailarrd.testing.application import Application
from trailarrd.testing.asked import Asked, Phase
from trailarrd.testing.content_faults import (
    BrokenJson,
    BrokenRecord,
    CompactJson,
    CutGzip,
    EmptyList,
    ShortenedList,
    TrailingGarbage,
    WrongApplication,
)
from trailarrd.testing.dialects import RADARR, SONARR, Dialect, NoSuchItem
from trailarrd.testing.draft import Draft, Record
from trailarrd.testing.faults import (
    Fault,
    Latency,
    LoginPage,
    LoginRedirect,
    RedirectElsewhere,
    Refusal,
    Reset,
    ServerError,
    Stall,
    Truncated,
)
from trailarrd.testing.gate import Gate, Turned
from trailarrd.testing.hub import NOISE, Hub, News, command
from trailarrd.testing.library import SimulatedLibrary
from trailarrd.testing.notifications import Notifications
from trailarrd.testing.samples import Fields
from trailarrd.testing.server import SimulatedArr
from trailarrd.testing.site import SimulatedSite
from trailarrd.testing.thread import ThreadedArr

__all__ = [
    "FAULTS",
    "NOISE",
    "RADARR",
    "SONARR",
    "Answer",
    "Application",
    "Asked",
    "BrokenJson",
    "BrokenRecord",
    "CompactJson",
    "CutGzip",
    "Delivery",
    "Dialect",
    "Draft",
    "EmptyList",
    "Ending",
    "Fault",
    "Fields",
    "Gate",
    "Hub",
    "Latency",
    "LoginPage",
    "LoginRedirect",
    "News",
    "NoSuchItem",
    "Notifications",
    "Phase",
    "Record",
    "RedirectElsewhere",
    "Refusal",
    "Reset",
    "ServerError",
    "ShortenedList",
    "SimulatedArr",
    "SimulatedLibrary",
    "SimulatedSite",
    "Stall",
    "ThreadedArr",
    "TrailingGarbage",
    "Truncated",
    "Turned",
    "WrongApplication",
    "command",
]

FAULTS: Final[tuple[type[Fault], ...]] = (
    Latency,
    Stall,
    Truncated,
    Reset,
    CutGzip,
    ServerError,
    Refusal,
    LoginPage,
    LoginRedirect,
    RedirectElsewhere,
    ShortenedList,
    EmptyList,
    WrongApplication,
    BrokenRecord,
    BrokenJson,
    TrailingGarbage,
    CompactJson,
)
"""All of them, for tests that leave none out; `CompactJson` is the one that a client must not mind."""
