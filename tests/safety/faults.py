"""What every fault of the simulated servers must lead to, by phase: tables and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.testing import (
    BrokenJson,
    BrokenRecord,
    CompactJson,
    CutGzip,
    EmptyList,
    Ending,
    Fault,
    Latency,
    LoginPage,
    LoginRedirect,
    Phase,
    RedirectElsewhere,
    Refusal,
    Reset,
    ServerError,
    ShortenedList,
    Stall,
    TrailingGarbage,
    Truncated,
    WrongApplication,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


UNAVAILABLE, REJECTED, RESPONSE = ErrorKind.UNAVAILABLE, ErrorKind.REJECTED, ErrorKind.RESPONSE
STATUS, ROOT_FOLDERS, LIST = Phase.STATUS, Phase.ROOT_FOLDERS, Phase.LIST
STEPS: Final = (STATUS, ROOT_FOLDERS, LIST)
"""What a refresh asks for, in this order."""

Trouble = tuple[str, "Sequence[Fault]", ErrorKind]


def everywhere(make: Callable[[float], Fault]) -> list[Fault]:
    """Before the first byte, in the middle, and before the last byte of an answer."""
    return [make(0.0), make(0.5), make(1.0)]


FATAL: Final[list[Trouble]] = [
    ("late", [Latency(seconds=30)], UNAVAILABLE),
    ("stands still", everywhere(lambda at: Stall(seconds=30, at=at)), UNAVAILABLE),
    ("ends early", everywhere(lambda at: Truncated(at=at)), RESPONSE),
    ("breaks off", everywhere(lambda at: Truncated(at=at, ending=Ending.CLOSED)), UNAVAILABLE),
    ("is reset", [Reset(), *everywhere(lambda at: Reset(at=at))], UNAVAILABLE),
    ("gzip ends early", [CutGzip(at=at) for at in (0.0, 0.5, 0.9)], RESPONSE),
    ("500", [ServerError(status=500)], UNAVAILABLE),
    ("502", [ServerError(status=502)], UNAVAILABLE),
    ("503", [ServerError(status=503, retry_after="30")], UNAVAILABLE),
    ("401", [Refusal(status=401)], REJECTED),
    ("403", [Refusal(status=403)], RESPONSE),
    ("404", [Refusal(status=404)], RESPONSE),
    ("login page", [LoginPage()], RESPONSE),
    ("login redirect", [LoginRedirect()], RESPONSE),
    ("redirect", [RedirectElsewhere(url="http://127.0.0.1:9")], RESPONSE),
    ("wrong application", [WrongApplication()], REJECTED),
    ("broken JSON", everywhere(lambda at: BrokenJson(at=at)), RESPONSE),
    ("trailing garbage", [TrailingGarbage()], RESPONSE),
    ("no version", [BrokenRecord(phase=STATUS, field="version", value=17)], RESPONSE),
    (
        "broken root folder",
        [
            BrokenRecord(phase=ROOT_FOLDERS, field="path", value=17),
            BrokenRecord(phase=ROOT_FOLDERS, field=None),
        ],
        RESPONSE,
    ),
]
"""Nothing may be applied, and whose move it is."""

HARMLESS: Final[list[tuple[str, Sequence[Fault]]]] = [
    ("compact", [CompactJson()]),
    ("a little late", [Latency(seconds=0.05)]),
    ("stands still a little", everywhere(lambda at: Stall(seconds=0.05, at=at))),
    ("old application", [WrongApplication(app_name=None)]),
    ("odd status", [BrokenRecord(phase=STATUS)]),
    ("no root folders", [EmptyList(phase=ROOT_FOLDERS), ShortenedList(phase=ROOT_FOLDERS)]),
]
"""Nothing that a refresh should mind."""

OK, PARTIAL = Outcome.OK, Outcome.PARTIAL
UNREADABLE: Final = [BrokenRecord(phase=LIST, position=n) for n in (0, 1, -1)]
ANONYMOUS: Final = [BrokenRecord(phase=LIST, position=n, field=None) for n in (0, 1, -1)]
LESS: Final[list[tuple[str, Sequence[Fault], dict[str, Any], dict[str, Any]]]] = [
    (
        "empty",
        [EmptyList(phase=LIST)],
        {"outcome": OK},
        {"outcome": PARTIAL, "held": 3},
    ),
    (
        "shortened",
        [ShortenedList(phase=LIST, keep=0.67)],
        {"outcome": OK, "fetched": 2, "added": 2},
        {"outcome": OK, "fetched": 2, "unchanged": 2, "removed": 1},
    ),
    (
        "unreadable record",
        UNREADABLE,
        {"outcome": PARTIAL, "fetched": 2, "added": 2, "quarantined": 1},
        {"outcome": PARTIAL, "fetched": 2, "unchanged": 2, "quarantined": 1},
    ),
    (
        "record without id",
        ANONYMOUS,
        {"outcome": PARTIAL, "fetched": 2, "added": 2, "quarantined": 1},
        {"outcome": PARTIAL, "fetched": 2, "unchanged": 2, "held": 1, "quarantined": 1},
    ),
]
"""Complete answers that say less than is true, in the list: what a first and a later refresh make of it."""


def strikes(faults: Sequence[Fault]) -> Iterator[Fault]:
    """Each fault in each phase where it changes anything."""
    for phase in STEPS:
        for fault in faults:
            if phase is fault.phase or (fault.phase is None and phase in fault.phases):
                yield replace(fault, phase=phase)
