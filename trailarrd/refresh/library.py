"""An Arr server's library as Media: the one place where a plugin's code runs during a refresh.

Whatever a stranger's code does is named as his and ends here: what an API manager may raise passes
through, anything else becomes a `PluginError`, and a parser's trouble with one record quarantines it.
"""

import hashlib
import time
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any, Final

import structlog

from trailarrd import errors
from trailarrd.domain.connection import Limits
from trailarrd.domain.media import Media
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.quarantine import Quarantine
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.provider import (
    AbsenceWitness,
    ApiManager,
    BrokenRecord,
    Provider,
    SystemStatus,
    TagNames,
)
from trailarrd.refresh.tags import RecentTags, TagsOfRefresh

log = structlog.get_logger()

MOST_QUARANTINED: Final = 100_000
"""More records than this are no library with some bad records in it."""

MOST_ROOTS: Final = Limits().roots

ROOTS_AGE: Final = 60.0
"""Seconds for which root folders are taken as they were told."""

_BITS: Final = 6
_MASK: Final = 2**_BITS - 1

ALLOWED: Final = (errors.ProviderUnavailableError, errors.ProviderRejectedError, errors.ProviderResponseError)
"""What an API manager may raise; anything else is a mistake in its plugin."""


class ProviderLibrary:
    """One reading of a server's whole library; a new one for each attempt."""

    def __init__(
        self,
        provider: Provider[Any],
        api: ApiManager[Any],
        redactor: Redactor,
        most_roots: int = MOST_ROOTS,
        tags: RecentTags | None = None,
    ) -> None:
        self._most_roots = most_roots
        self._provider = provider
        self._api = api
        self._redactor = redactor
        self._tags = TagsOfRefresh(self._asked_tags, tags or RecentTags())
        self._met = IntSet()
        self.quarantine = Quarantine()
        self.absent = set[int]()
        """Those that were asked for by themselves, and that the server says do not exist."""
        self.arrived = 0
        """Records so far, the quarantined ones too."""

    @property
    def identity(self) -> str | None:
        """By which id elsewhere the provider tells items apart."""
        return self._provider.identity

    @property
    def derivation(self) -> bytes:
        """Names what of the provider is in what is stored, besides its Media: another has it derived anew."""
        told = self._provider.trailers.mark + (self._provider.identity or "").encode()
        return hashlib.blake2b(told, digest_size=8).digest()

    async def system_status(self) -> SystemStatus:
        """Who the server is; raises the same as `root_folders`."""
        with self._plugin():
            return await self._api.system_status()

    async def root_folders(self) -> Sequence[RemotePath]:
        """The server's root folders, after it has shown that it is the right application.

        Raises:
            ProviderError: as the API manager says.
            PluginError: the plugin did something else.
        """
        with self._plugin():
            await self._api.system_status()
            folders = list(await self._api.root_folders())
        if len(folders) > self._most_roots:
            raise errors.ProviderResponseError(
                f"the server has more than {self._most_roots} root folders (limits.roots)"
            )
        return folders

    async def media(self) -> AsyncGenerator[list[Media], None]:
        """The library in batches; ends normally only if it was complete.

        Raises the same as `root_folders`.
        """
        with self._plugin():
            records = self._api.all_media()
            if not hasattr(records, "aclose"):
                raise TypeError("all_media is no async generator")
        async with aclosing(records):
            while True:
                with self._plugin():
                    batch = await anext(records, None)
                if batch is None:
                    return
                yield await self._tags.named(self._parse(batch))

    @property
    def witnesses_absence(self) -> bool:
        """Whether the provider can tell for certain that an item is gone."""
        return isinstance(self._api, AbsenceWitness)

    async def is_absent(self, arr_id: int) -> bool:
        """Whether the application itself says that it has no such item; raises the same as `root_folders`."""
        with self._plugin():
            return isinstance(self._api, AbsenceWitness) and await self._api.is_absent(arr_id) is True

    async def some(self, arr_ids: Iterable[int]) -> list[Media]:
        """These items, as far as the server has them, each asked for by itself.

        Raises the same as `root_folders`.
        """
        records = []
        for arr_id in arr_ids:
            with self._plugin():
                record = await self._api.media(arr_id)
            if record is None:
                self.absent.add(arr_id)
            else:
                records.append(record)
        return await self._tags.named(self._parse(records), recently=True)

    async def _asked_tags(self) -> Mapping[int, str] | None:
        """What the server calls its tags; None if it cannot be asked for that."""
        if not isinstance(self._api, TagNames):
            return None
        try:
            with self._plugin():
                return dict(await self._api.tags())
        except (errors.ProviderError, errors.PluginError) as error:
            log.warning("tags.unread", provider=self._provider.name, error=self._redactor.clean(str(error)))
            return None

    def _parse(self, batch: Sequence[Any]) -> list[Media]:
        """The batch's Media; what cannot be parsed is quarantined and stops nobody else."""
        parse, parsed = self._parse_one, list[Media]()
        for position, record in enumerate(batch, self.arrived):
            try:
                parsed.append(parse(record))
            except Exception as error:  # noqa: BLE001  # a parser may stumble over anything a server sends
                self._quarantine(position, record, error)
        self.arrived += len(batch)
        return parsed

    def _parse_one(self, record: Any) -> Media:
        if isinstance(record, BrokenRecord):
            raise _UnusableError(record.reason)
        media = self._provider.parser(record)
        if type(media) is not Media:
            raise _UnusableError(f"the parser made a {type(media).__name__} of it instead of a Media")
        if not self._met.add(media.arr_id):
            raise _UnusableError("the server listed this id twice")
        return media

    def _quarantine(self, position: int, record: Any, error: Exception) -> None:
        self.quarantine.add(position, _arr_id(record), self._redactor.clean(_reason(error)))
        if len(self.quarantine.records) > MOST_QUARANTINED:
            first = self.quarantine.records[0]
            raise errors.ProviderResponseError(
                f"more than {MOST_QUARANTINED} records cannot be used; the first of them, at position"
                f" {first.position}: {first.reason}"
            ) from None

    @contextmanager
    def _plugin(self) -> Iterator[None]:
        """The plugin's turn: its mistakes are told as its own."""
        try:
            yield
        except (*ALLOWED, errors.PluginError):
            raise
        except Exception as error:
            raise errors.PluginError(f"provider {self._provider.name} failed: {_reason(error)}") from error


class RecentRoots:
    """What one server said last of itself and its root folders: it may have to look at its disks for that.

    Who asks for some items takes it as said for a while; for the whole library it is always asked anew.
    """

    def __init__(self, max_age: float = ROOTS_AGE) -> None:
        self._max_age = max_age
        self._kept: tuple[float, Sequence[RemotePath]] | None = None

    async def asked(self, library: ProviderLibrary) -> Sequence[RemotePath]:
        """What it says now; raises the same as `ProviderLibrary.root_folders`, and nothing is kept then."""
        self._kept = None
        folders = await library.root_folders()
        self._kept = time.monotonic(), folders
        return folders

    async def recent(self, library: ProviderLibrary) -> Sequence[RemotePath]:
        """The same, if it was said not long ago; else it is asked."""
        if self._kept and time.monotonic() - self._kept[0] < self._max_age:
            return self._kept[1]
        return await self.asked(library)


class IntSet:
    """A set of integers that lie close together, as a server's ids do: a bit each instead of 100 bytes.

    64 neighbours share one entry, so the worst case is a set of as many.
    """

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}

    def add(self, number: int) -> bool:
        """Put it in; whether it was new."""
        block, bit = number >> _BITS, 1 << (number & _MASK)
        bits = self._blocks.get(block, 0)
        self._blocks[block] = bits | bit
        return not bits & bit


class _UnusableError(Exception):
    """A record that is refused for a reason of our own."""


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, _UnusableError) else f"{type(error).__name__}: {error}"


def _arr_id(record: object) -> int | None:
    """The id of a record that was refused, if it has one under the usual name."""
    if isinstance(record, BrokenRecord):
        return record.arr_id
    arr_id = record.get("id") if isinstance(record, dict) else getattr(record, "id", None)
    return arr_id if isinstance(arr_id, int) and not isinstance(arr_id, bool) else None
