"""Calls at once, again, and after one that failed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Final

from trailarrd.testing.asked import Phase
from trailarrd.testing.contract.calls import ROOTS, STATUS, Call, Outcome, item, whole_library
from trailarrd.testing.contract.long_list import SEVERAL, LongList, places
from trailarrd.testing.contract.odd_answers import AnotherShape
from trailarrd.testing.contract.trial import Refused
from trailarrd.testing.contract.verdict import fail, require
from trailarrd.testing.faults import Refusal, Reset, ServerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    from trailarrd.plugin import ApiManager
    from trailarrd.testing.contract.trial import Trial

_TRIES: Final = 2
_PATIENCE: Final = 5.0
_STUCK: Final = 3.0
_ITEMS: Final = 1203
"""More than one batch has."""


class RepetitionChecks:
    """Repetition: calls at once, calls again, and calls after one that failed."""

    def test_an_item_can_be_asked_for_while_the_list_is_read(self, trial: Trial) -> None:
        """`media` and the others answer between two batches of `all_media`, and the list goes on."""
        with trial.server(LongList(trial, _ITEMS)) as server:

            async def between(api: ApiManager[Any], _session: ClientSession) -> tuple[list[Any], list[Any]]:
                found: list[Any] = []
                asked: list[Any] = []
                with suppress(TimeoutError):
                    async with aclosing(api.all_media()) as batches:
                        async for batch in batches:
                            found += batch
                            if not asked:
                                async with asyncio.timeout(_STUCK):
                                    asked = [await api.media(7), await api.media(8)]
                                    await api.system_status()
                return found, asked

            found, asked = trial.run(server.url, between)
        require(
            _ids(trial, found) == list(range(1, _ITEMS + 1)) and _ids(trial, asked) == [7, 8],
            f"while {_ITEMS} items were read, two were asked for: {len(found)} and {len(asked)} came",
            do="keep what a call needs in its own variables, and hold no lock while you yield",
            why="events come while the library is read, and their items are asked for at once",
        )

    def test_several_items_can_be_asked_for_at_once(self, trial: Trial) -> None:
        """Calls of the same method at the same time do not mix, `all_media` neither."""
        numbers = [3, 1, 2, 3, 1, 2]
        with trial.server(LongList(trial)) as server:

            async def at_once(api: ApiManager[Any], _session: ClientSession) -> list[list[Any]]:
                async with asyncio.timeout(_PATIENCE):
                    alone = await asyncio.gather(*(api.media(number) for number in numbers))
                    together = await asyncio.gather(whole_library(api), whole_library(api))
                return [alone, *together, *await _one_after_the_other(api)]

            found = trial.run(server.url, at_once)
        alone, *lists = (_ids(trial, records) for records in found)
        require(
            alone == numbers and lists == [[*range(1, SEVERAL + 1)]] * 4,
            f"items {numbers} were asked for at once, and {alone} came; of lists that were read at once"
            f" came {', '.join(_summary(one) for one in lists)}",
            do="keep what a call needs in its own variables: nothing of it in self",
            why="several events come at the same time",
        )

    def test_every_answer_is_fresh(self, trial: Trial) -> None:
        """`system_status`, `root_folders` and `media` show what has changed since the last call."""
        library = trial.library()
        title = trial.dialect.fields.title
        newer = trial.status(trial.dialect.app_name, "99.0.0.1")
        with trial.server(library) as server:

            async def twice(api: ApiManager[Any], _session: ClientSession) -> list[Any]:
                for call in (*trial.calls, item(2)):
                    await call.ask(api)
                library.roots = ["/elsewhere"]
                library.edit(1, **{title: "Another Title"})
                library.delete(2)
                folders = await ROOTS.ask(api) if ROOTS in trial.calls else library.roots
                one, gone = await api.media(1), await api.media(2)
                server.fault = AnotherShape(value=newer, phase=Phase.STATUS)
                return [(await STATUS.ask(api)).version, list(folders), one, gone]

            version, folders, one, gone = trial.run(server.url, twice)
        for what, was, now in (
            ("system_status(): the version", version, "99.0.0.1"),
            ("root_folders()", folders, ["/elsewhere"]),
            ("media(1): the title", getattr(trial.parse(one), "title", None), "Another Title"),
            ("media(2), which is gone", gone, None),
        ):
            require(
                was == now,
                f"{what} is {now!r} on the server by now, and {was!r} came",
                do="ask the server each time, and keep nothing between two calls: no cache, no lru_cache",
                why="an API manager lives as long as the daemon, and what it says is taken for what is",
            )

    def test_a_refusal_is_not_asked_again_and_again(self, trial: Trial) -> None:
        """A call that is refused by 401, 403 or 404 sends at most two requests."""
        for status in (401, 403, 404):
            with trial.server(fault=Refusal(status=status)) as server:
                for call in trial.calls:
                    before = len(server.requests)
                    trial.run(server.url, _bounded(call))
                    sent = len(server.requests) - before
                    require(
                        sent <= _TRIES,
                        f"{call} was refused by {status}, and sent {sent} requests",
                        do="raise the error at the first answer; the core tries again when it makes sense",
                        why="whoever shows a wrong key again and again is banned, and its user with him",
                    )

    def test_a_failure_is_forgotten(self, trial: Trial) -> None:
        """After a refusal, an error and a list that broke off, each call is as good as the first."""
        faults = (Refusal(status=401), ServerError(status=503), Reset(at=0.5, phase=Phase.LIST))
        with trial.server(LongList(trial)) as server:

            async def then_well(api: ApiManager[Any], _session: ClientSession) -> dict[str, str]:
                for fault in faults:
                    server.fault = fault
                    for call in trial.calls:
                        await _ended(call, api)
                server.fault = None
                return {str(call): str(await _ended(call, api)) for call in trial.calls}

            ended = trial.run(server.url, then_well)
        for call, outcome in ended.items():
            require(
                not outcome.startswith("raised"),
                f"the server was ill and is well again, and {call} {outcome}",
                do="keep nothing of a failure: no flag, no pause of your own; ask when you are asked",
                why="the core waits as long as makes sense, and then asks the same API manager",
            )

    def test_a_second_try_gives_no_record_twice(self, trial: Trial) -> None:
        """If a list breaks off once, `all_media` raises, or gives each record once all the same."""
        library = LongList(trial)
        border = list(places(trial, library))[3]
        with trial.server(library, fault=Reset(at=border.at, phase=Phase.LIST, times=1)) as server:

            async def collected(api: ApiManager[Any], _session: ClientSession) -> list[Any] | None:
                try:
                    return await whole_library(api)
                except Exception:  # noqa: BLE001  # that is allowed, and which one is for another check
                    return None

            found = trial.run(server.url, collected)
        if found is None:
            return
        ids = _ids(trial, found)
        require(
            ids == library.ids,
            f"the list of {len(library)} items broke off once, and {len(ids)} records came,"
            f" {len(set(ids))} different ones",
            do="raise ProviderUnavailableError; the core begins anew",
            why="what has been yielded cannot be taken back, and an item that comes twice is a fault",
        )


async def _ended(call: Call, api: ApiManager[Any]) -> Outcome:
    try:
        return Outcome(await call.ask(api))
    except Exception as error:  # noqa: BLE001  # judged by the check
        return Outcome(error=error)


def _bounded(call: Call) -> Callable[[ApiManager[Any], ClientSession], Awaitable[None]]:
    """The call, as long as anybody would wait for it; how it ends is for other checks."""

    async def work(api: ApiManager[Any], _session: ClientSession) -> None:
        with suppress(Exception):
            async with asyncio.timeout(_PATIENCE):
                await call.ask(api)

    return work


def _ids(trial: Trial, records: list[Any]) -> list[int]:
    found = [trial.parse(record) for record in records if record is not None]
    for one in found:
        if isinstance(one, Refused):
            fail(
                f"a good record cannot be read: {one.reason}",
                do="let the parser accept what the server lists",
                why="the item would stay in quarantine",
            )
    return [one.arr_id for one in found if not isinstance(one, Refused)]


async def _one_after_the_other(api: ApiManager[Any]) -> list[list[Any]]:
    """One, and one that begins when the first batch of that has come."""
    begun = asyncio.Event()

    async def first() -> list[Any]:
        records: list[Any] = []
        async with aclosing(api.all_media()) as batches:
            async for batch in batches:
                records += batch
                begun.set()
                await asyncio.sleep(0)
        return records

    async def second() -> list[Any]:
        await begun.wait()
        return await whole_library(api)

    return list(await asyncio.gather(first(), second()))


def _summary(ids: list[Any]) -> str:
    return f"{len(ids)} items, {len(set(ids))} of them different"
