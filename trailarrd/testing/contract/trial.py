"""What a check works with: a provider, and simulated servers that speak its dialect."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

from aiohttp import ClientSession

from trailarrd.discovery.unloaded import close_api_manager
from trailarrd.plugin import (
    ApiManager,
    ArrServer,
    BrokenRecord,
    Media,
    Provider,
    Secret,
    Timeouts,
    WebhookHint,
)
from trailarrd.plugin.session import open_session
from trailarrd.testing.contract.calls import CALLS, LIBRARY, ROOTS, Call, Outcome, told
from trailarrd.testing.contract.verdict import fail, require
from trailarrd.testing.dialects import Dialect
from trailarrd.testing.draft import Record, draft_item
from trailarrd.testing.faults import Fault
from trailarrd.testing.gate import Gate
from trailarrd.testing.library import SimulatedLibrary
from trailarrd.testing.server import SimulatedArr
from trailarrd.testing.thread import ThreadedArr

ResultT = TypeVar("ResultT")

KEY: Final = "5f3c0ffee5eed0fa11ba5eba11ca11ed"
"""The API key of the simulated servers: nothing else has these characters in it."""

PATIENT: Final = Timeouts(connect=10.0, first_byte=30.0, stall=30.0)
HASTY: Final = Timeouts(connect=2.0, first_byte=0.3, stall=0.3)
"""For checks in which the server never answers in time."""

AT_MOST: Final = 60.0
"""Seconds for anything: what takes longer has ignored its time-outs."""

_SOON: Final = 10.0
"""Seconds in which a call has ended that gets an error at once: longer, and it tries for ever."""

_SAMPLES: Final = 12

WELL: Final = "nothing is wrong with the server"


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that the provider could not read: quarantined, which is the right end for a broken one."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One provider before the checks, with all that its author has told of it."""

    provider: Provider[Any]
    dialect: Dialect
    given: Sequence[Record] = ()
    options: object = None
    events: Sequence[tuple[Mapping[str, object], WebhookHint]] = ()

    @property
    def samples(self) -> Sequence[Record]:
        """Records as a real server lists them."""
        return self.given or [
            self.dialect.record(draft_item(1, arr_id, self.dialect.root)) for arr_id in range(1, _SAMPLES + 1)
        ]

    @property
    def calls(self) -> Sequence[Call]:
        """What the core asks for, as far as this application has it."""
        return [call for call in CALLS if call is not ROOTS or self.dialect.roots_path is not None]

    def status(self, app_name: str, version: str = "") -> Mapping[str, object]:
        """What an application of that name says of itself."""
        return self.dialect.status_of(app_name, version or self.dialect.version)

    def library(self, size: int = 3, *, root: str = "") -> SimulatedLibrary:
        """Items of the dialect, all of them as a server in good health has them."""
        return SimulatedLibrary(self.dialect, size=size, seed=1, roots=(root or self.dialect.root,))

    def listing(self, records: Sequence[object]) -> SimulatedLibrary:
        """A library that lists exactly these JSON values."""
        library = self.library(len(records))
        for arr_id, record in enumerate(records, 1):
            library.replace(arr_id, record)
        return library

    @contextmanager
    def server(
        self, library: SimulatedLibrary | None = None, *, fault: Fault | None = None, **options: Any
    ) -> Iterator[SimulatedArr]:
        """A server with three items, or with that library."""
        arr = SimulatedArr(self.library() if library is None else library, **{"api_key": KEY, **options})
        arr.fault = fault
        with ThreadedArr(arr):
            yield arr

    def run(
        self,
        url: str,
        work: Callable[[ApiManager[Any], ClientSession], Awaitable[ResultT]],
        *,
        timeouts: Timeouts = PATIENT,
        key: str = KEY,
        within: float = AT_MOST,
        gate: Gate | None = None,
    ) -> ResultT:
        """Does what a refresh does: opens a session, builds the API manager, works with it, closes.

        The session shows a `gate` what that wants.
        """

        return asyncio.run(self.open(url, work, timeouts=timeouts, key=key, within=within, gate=gate))

    async def open(
        self,
        url: str,
        work: Callable[[ApiManager[Any], ClientSession], Awaitable[ResultT]],
        *,
        timeouts: Timeouts = PATIENT,
        key: str = KEY,
        within: float = AT_MOST,
        gate: Gate | None = None,
    ) -> ResultT:
        """The same within an event loop. An error that `work` lets through fails the check."""
        server = self.connection(url, timeouts=timeouts, key=key, gate=gate)
        limit = asyncio.timeout(within)
        async with open_session(server) as session:
            try:
                async with limit:
                    api = self.provider.api_manager(session, server)
                    result = await work(api, session)
                    await close_api_manager(api)
                    return result
            except Exception as error:  # noqa: BLE001  # whatever it is, it is told to the author
                failed = error
        # here, as the author would read of one error during the handling of another
        return _complain(failed, within if limit.expired() else None)

    def connection(
        self, url: str, *, timeouts: Timeouts = PATIENT, key: str = KEY, gate: Gate | None = None
    ) -> ArrServer:
        """What an API manager may know of the server."""
        headers = {name: Secret(value) for name, value in (gate.headers if gate else {}).items()}
        return ArrServer(
            url=url, api_key=Secret(key), timeouts=timeouts, options=self.options, headers=headers
        )

    def ask(self, server: SimulatedArr, call: Call, **options: Any) -> Outcome:
        """One call, and how it ended; the options are those of `run`."""
        options.setdefault("within", AT_MOST if server.fault is None else _SOON)

        async def work(api: ApiManager[Any], _session: ClientSession) -> Outcome:
            try:
                return Outcome(await call.ask(api))
            except Exception as error:  # noqa: BLE001  # judged by the check
                return Outcome(error=error)

        return self.run(server.url, work, **options)

    def get(self, server: SimulatedArr, call: Call, *, when: str = WELL) -> Any:
        """One call that must succeed."""
        outcome = self.ask(server, call)
        if outcome.error is not None:
            fail(
                f"{call} {outcome}, although {when}",
                do=f"the server was asked {asked(server)}; compare that with your dialect",
                why="a refresh of a server in good health would fail",
            )
        return outcome.value

    def records(self, server: SimulatedArr, *, when: str = WELL) -> list[Any]:
        """The whole library as the API manager gives it."""
        records: list[Any] = self.get(server, LIBRARY, when=when)
        return records

    def read(self, server: SimulatedArr, *, when: str = WELL) -> list[Media | Refused]:
        """The whole library, record by record, as it comes out of the parser."""
        return [self.parse(record) for record in self.records(server, when=when)]

    def decoded(self, listed: Sequence[object], *, when: str = WELL) -> list[Any]:
        """The provider's own records of a library that lists exactly these JSON values: one of each."""
        with self.server(self.listing(listed)) as server:
            records = self.records(server, when=when)
        require(
            len(records) == len(listed),
            f"of {len(listed)} listed records {len(records)} came, although {when}",
            do="yield a BrokenRecord(position=…, arr_id=…, reason=…) for what cannot be decoded",
            why="an item whose record vanishes is taken for removed; one that is quarantined stays as it was",
        )
        return records

    def parsed(self, listed: Sequence[object], *, when: str = WELL) -> list[Media | Refused]:
        """What the core would make of a library that lists exactly these JSON values."""
        return [self.parse(record) for record in self.decoded(listed, when=when)]

    def parse(self, record: Any) -> Media | Refused:
        """What the core would make of one record."""
        if isinstance(record, BrokenRecord):
            return Refused(record.reason)
        try:
            media = self.provider.parser(record)
        except Exception as error:  # noqa: BLE001  # whatever a parser raises quarantines its record
            return Refused(f"{type(error).__name__}: {error}")
        if not isinstance(media, Media):
            fail(
                f"the parser made a {type(media).__name__} of a record: {str(record)[:200]}",
                do="return a Media, or raise what is wrong with the record",
                why="the record would be quarantined without its reason",
            )
        return media


def _complain(error: Exception, limit: float | None) -> NoReturn:
    if limit is not None:
        fail(
            f"a call took longer than {limit:g} s",
            do="bound every wait: first_byte until the answer begins, stall between its pieces; and leave it"
            " to the core to try again",
            why="a refresh of this connection would hang for ever",
        )
    fail(
        f"the provider raised {told(error)}, although {WELL}",
        do="see what it asks for, and whether the dialect is your application's",
        why="a refresh of a server in good health would fail",
    )


def asked(server: SimulatedArr) -> str:
    """The requests that a server got, for an author who wonders."""
    return ", ".join(f"{request.method} {request.path}" for request in server.requests[-4:]) or "nothing"
