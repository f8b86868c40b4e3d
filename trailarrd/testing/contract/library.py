"""The whole library: complete, in order, in bounded memory."""

import inspect
from contextlib import aclosing
from typing import Any, Final

from aiohttp import ClientSession

from trailarrd.plugin import ApiManager, Media
from trailarrd.testing.content_faults import ShortenedList
from trailarrd.testing.contract.calls import ITEM, ROOTS, item, told, whole_library
from trailarrd.testing.contract.long_list import LongList, batch_sizes
from trailarrd.testing.contract.measure import peak_of
from trailarrd.testing.contract.trial import Refused, Trial
from trailarrd.testing.contract.verdict import fail, require
from trailarrd.testing.server import SimulatedArr

_HUGE: Final = 2500
_BATCH_AT_MOST: Final = 1000
_SOME: Final = 2000
"""Items that may be in memory: a batch is worked at while the next one comes."""
_PADDING: Final = "x" * 2048
_MORE_AT_MOST: Final = 240
"""Bytes of memory for each item more: less than any record takes."""
_ATTEMPTS: Final = 3
_REQUESTS_AT_MOST: Final = 10

_ROOTS: Final[tuple[list[str], ...]] = (
    ["/media/Ä b", "/srv"],
    ["D:\\Media", "e:\\More", "E:\\more"],
    ["\\\\nas\\media"],
    ["/with/a/slash/", "/with/a/slash", " /spaces /", "/with/a", "/MEDIA", "/", "//twice/../x"],
    [],
)
"""Of each the second cannot be read by the server itself just now."""

_TITLES: Final = (
    "Ünïcödé – Naïve Café",
    "千と千尋の神隠し",
    "Остров “Сокровищ”",
    "مدينة الملح",
    "Cafe\N{COMBINING ACUTE ACCENT}",
    "🎬 \\ / \" ' % + & # \N{ZERO WIDTH JOINER}",
)


class LibraryChecks:
    """Library: the list, one item and the root folders of a server that is well."""

    def test_the_library_is_complete_and_in_order(self, trial: Trial) -> None:
        """`all_media` gives every record once, in the server's order, and the parser a Media of each."""
        with trial.server(trial.library(1203)) as server:
            found = [media.arr_id for media in self._all_read(trial, trial.read(server))]
        require(
            found == server.library.ids,
            f"the server lists {len(server.library)} items, {len(found)} arrived"
            f" ({len(set(found))} different ones)",
            do="yield every record of the list exactly once, the last batch too",
            why="what is missing in a complete answer is taken for removed",
        )

    def test_an_empty_library_is_no_error(self, trial: Trial) -> None:
        """An empty list ends `all_media` normally, without any record."""
        with trial.server(trial.library(0)) as server:
            found = trial.records(server, when="the library is just empty")
        require(
            found == [],
            f"the library is empty, and all_media() gives {found}",
            do="yield nothing, or an empty batch",
            why="a server that was just set up has no items",
        )

    def test_the_library_is_an_async_generator(self, trial: Trial) -> None:
        """`all_media` is an async generator, and ends when it is closed after the first batch."""
        with trial.server(LongList(trial, 1200)) as server:
            closed = trial.run(server.url, _close_early)
        require(
            closed,
            "all_media() returns no async generator, or it cannot be closed",
            do="write `async def all_media(self)` with `yield batch`, and close what it opened at its end",
            why="the core stops reading when a refresh is cancelled, and must not leave a connection open",
        )

    def test_batches_are_bounded(self, trial: Trial) -> None:
        """No batch has more than 1000 records, however large the library is."""
        with trial.server(LongList(trial, _HUGE)) as server:
            largest = max(trial.run(server.url, batch_sizes), default=0)
        require(
            largest <= _BATCH_AT_MOST,
            f"a batch of a library of {_HUGE} items has {largest} records",
            do="yield a batch whenever some hundred records have arrived",
            why="whole batches are in memory and are parsed in one go, in which nothing else runs",
        )

    def test_a_huge_library_needs_little_memory(self, trial: Trial) -> None:
        """A library is decoded while it arrives, and handed on: a longer one needs no more memory."""
        with trial.server(LongList(trial, 2 * _SOME, padding=_PADDING)) as server:
            trial.run(server.url, batch_sizes)  # by now the server has its answer ready
            for _ in range(_ATTEMPTS):  # sometimes more lies about
                peaks = [_peak(trial, server, keep) for keep in (0.5, 1.0)]
                if peaks[1] - peaks[0] < _SOME * _MORE_AT_MOST:
                    return
        fail(
            f"{_SOME} items took {peaks[0] >> 10} KiB of memory, {2 * _SOME} of them {peaks[1] >> 10} KiB",
            do="derive from ArrApiManager, or decode the body piece by piece and keep no record:"
            " not `await response.json()`",
            why="libraries have a hundred thousand items, and the machines of users little memory",
        )

    def test_a_huge_library_needs_few_requests(self, trial: Trial) -> None:
        """The number of requests does not grow with each item."""
        with trial.server(trial.library(300)) as server:
            trial.records(server)
        require(
            len(server.requests) <= _REQUESTS_AT_MOST,
            f"300 items took {len(server.requests)} requests",
            do="read the list, and take from its records what you need",
            why="a refresh of a large library would take hours and keep the server busy",
        )

    def test_the_library_is_read_anew_each_time(self, trial: Trial) -> None:
        """A second reading by the same API manager shows what has changed on the server."""
        with trial.server() as server:

            async def twice(api: ApiManager[Any], _session: ClientSession) -> tuple[int, int]:
                before = await whole_library(api)
                server.library.delete(1)
                server.library.add()
                server.library.add()
                return len(before), len(await whole_library(api))

            sizes = trial.run(server.url, twice)
        require(
            sizes == (3, 4),
            f"one of 3 items went and two came, and the readings had {sizes[0]} and {sizes[1]} records",
            do="keep nothing between two calls",
            why="an API manager lives as long as the daemon",
        )

    def test_two_servers_do_not_mix(self, trial: Trial) -> None:
        """Two API managers of the provider at the same time talk to their own servers with their own keys."""
        with (
            trial.server(trial.library(2), api_key="key-of-the-first") as first,
            trial.server(trial.library(5), api_key="key-of-the-second") as second,
        ):

            async def both(api: ApiManager[Any], _session: ClientSession) -> tuple[str, str]:
                async def other(api: ApiManager[Any], _session: ClientSession) -> str:
                    return await _counted(api)

                inner = await trial.open(second.url, other, key="key-of-the-second")
                return await _counted(api), inner

            came = trial.run(first.url, both, key="key-of-the-first")
        require(
            came == ("2 records", "5 records"),
            f"two servers with 2 and 5 items and a key each were read at once: {came[0]} and {came[1]}",
            do="keep server, session and key in the instance: nothing in the class, nothing in the module",
            why="users have one server for films in HD and one for 4K",
        )

    def test_unicode_arrives_as_it_is(self, trial: Trial) -> None:
        """Titles and folders in any script arrive without any change."""
        library, fields = trial.library(len(_TITLES)), trial.dialect.fields
        for arr_id, title in enumerate(_TITLES, 1):
            library.edit(arr_id, **{fields.title: title, fields.path: f"/media/{title}"})
        with trial.server(library) as server:
            seen = trial.read(server)
        found = [(media.title, media.path) for media in self._all_read(trial, seen)]
        require(
            found == [(title, f"/media/{title}") for title in _TITLES],
            f"titles and folders in several scripts arrive as {found}",
            do="decode as UTF-8, and do not normalise, strip or replace",
            why="folders are found on disk by exactly these names",
        )

    def test_one_item_is_as_in_the_list(self, trial: Trial) -> None:
        """`media` returns the same item as `all_media`."""
        with trial.server() as server:
            listed = trial.read(server)
            alone = [trial.parse(trial.get(server, item(arr_id))) for arr_id in server.library.ids]
        for arr_id, (one, other) in enumerate(zip(listed, alone, strict=True), 1):
            require(
                one == other,
                f"item {arr_id} is {one} in the list, and by itself {other}",
                do="ask for the item of that id, and read it by the same record type as the list",
                why="after an event of the server, only the items that it names are asked for again",
            )

    def test_an_item_that_is_gone_is_none(self, trial: Trial) -> None:
        """`media` returns None if the server itself says, in JSON, that the item does not exist."""
        library = trial.library()
        library.delete(1)
        with trial.server(library) as server:
            found = trial.get(server, ITEM, when="the server says 404 in JSON, as for any item that is gone")
        require(
            found is None,
            f"item 1 is gone, and media(1) gives {found}",
            do="return None for a 404 whose content type is JSON",
            why="that is how the core learns that an item was removed",
        )

    def test_root_folders_are_as_the_server_has_them(self, trial: Trial) -> None:
        """`root_folders` gives every root folder, of either style, without any change."""
        if ROOTS not in trial.calls:
            with trial.server() as server:
                _without_roots(list(trial.get(server, ROOTS)))
            return
        for roots in _ROOTS:
            library = trial.library(0)
            library.roots = list(roots)
            library.unreachable_roots = set(roots[1:2])
            with trial.server(library) as server:
                found = list(trial.get(server, ROOTS))
            require(
                found == roots,
                f"the server's root folders {roots} arrive as {found}",
                do="return the `path` of each as RemotePath, as it is: none left out, none tidied",
                why="a root folder that cannot be seen is how the core knows that a disk is not there",
            )

    @staticmethod
    def _all_read(trial: Trial, seen: list[Media | Refused]) -> list[Media]:
        refused = [one.reason for one in seen if isinstance(one, Refused)]
        if refused:
            fail(
                f"{len(refused)} of {len(seen)} good records could not be read: {refused[0]}",
                do=f"let the parser read what {trial.dialect.app_name} lists, as your samples show it",
                why="these items would stay in quarantine",
            )
        return [one for one in seen if isinstance(one, Media)]


def _without_roots(found: list[str]) -> None:
    require(
        found == [],
        f"the dialect says that the application has no root folders, and root_folders() gives {found}",
        do="return an empty list, or tell the dialect roots_path",
        why="a root folder that cannot be seen is how the core knows that a disk is not there",
    )


async def _counted(api: ApiManager[Any]) -> str:
    try:
        return f"{len(await whole_library(api))} records"
    except Exception as error:  # noqa: BLE001  # told to the author
        return told(error)


async def _close_early(api: ApiManager[Any], _session: ClientSession) -> bool:
    batches = api.all_media()
    if not inspect.isasyncgen(batches):
        getattr(batches, "close", lambda: None)()  # a coroutine that nobody awaits would complain
        return False
    try:
        async with aclosing(batches):
            await anext(batches, None)
    except RuntimeError:  # it went on after it was closed
        return False
    return await anext(batches, None) is None


def _peak(trial: Trial, server: SimulatedArr, keep: float) -> int:
    server.fault = ShortenedList(keep=keep)
    return peak_of(lambda: trial.run(server.url, batch_sizes))
