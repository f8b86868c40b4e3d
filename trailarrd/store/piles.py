"""What one refresh collects before any of it is written: additions, changes, and strangers to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import MonitorReason, TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import Addition, Change, Item, Known, Observation, RefreshPlan
from trailarrd.store.entries import EntryRow, from_row, to_row
from trailarrd.store.media import NewRow, marks_of
from trailarrd.store.spool import Row, Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from trailarrd.domain.plan import Pile

T = TypeVar("T")


class Piles:
    """The piles of one plan; closing them leaves nothing behind."""

    def __init__(self, folder: Path | None) -> None:
        self._additions = Spool(_addition_row, _addition, folder)
        self._changes = Spool(_change_row, _change, folder)
        self.strangers = Spool(_item_row, _item, folder)
        self.plan = RefreshPlan(additions=self._additions, changes=self._changes)
        """An empty plan that grows on them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for spool in (self._additions, self._changes, self.strangers):
            spool.close()


class PlannedRow(NamedTuple):
    """A planned change, as little as writing it needs."""

    id: int
    arr_id: int
    """As it was before."""
    intent: bool | None
    first_refresh: int
    entry: EntryRow
    fingerprint: bytes
    identity: str | None
    signature: bytes
    keeps_file: bool

    @property
    def has_new_arr_id(self) -> bool:
        """Whether the server lists the item under another arr id than before."""
        return bool(self.arr_id != self.entry[0])


def new_rows(additions: Pile[Addition]) -> Iterator[NewRow]:
    """The additions as they are to be written."""
    for entry, fingerprint, identity, first_refresh, signature in _rows(additions, _addition_row):
        yield NewRow(entry, marks_of(entry, fingerprint, identity, signature), first_refresh)


def planned_rows(changes: Pile[Change]) -> Iterator[PlannedRow]:
    """The changes as they are to be written."""
    for entry, known, *rest in _rows(changes, _change_row):
        number, arr_id, _, _, _, intent, _, _, first_refresh, *_ = known
        yield PlannedRow(number, arr_id, intent, first_refresh, entry, *rest)


def _rows(pile: Pile[T], to_row: Callable[[T], Row]) -> Iterable[Row]:
    return pile.rows() if isinstance(pile, Spool) else map(to_row, pile)


def _addition_row(one: Addition) -> Row:
    return to_row(one.entry), one.fingerprint, one.identity, one.first_refresh, one.signature


def _addition(row: Row) -> Addition:
    return Addition(from_row(row[0]), *row[1:])


def _change_row(one: Change) -> Row:
    known = tuple(one.known)
    return to_row(one.entry), known, one.fingerprint, one.identity, one.signature, one.keeps_file


def _change(row: Row) -> Change:
    return Change(_known(row[1]), from_row(row[0]), *row[2:])


def _known(row: Row) -> Known:
    known = Known._make(row)
    return known._replace(
        trailer=TrailerState(known.trailer), monitor_reason=MonitorReason(known.monitor_reason)
    )


def _item_row(one: Item) -> Row:
    media = one.media
    return (
        *(media.arr_id, media.title, media.path, media.monitored_remotely, media.year),
        *(dict(media.external_ids), media.youtube_trailer_id, media.main_file),
        *(one.local_path, one.observation, one.identity, one.signature, one.fingerprint),
    )


def _item(row: Row) -> Item:
    arr_id, title, path, remotely, year, ids, youtube, main_file, local, observation, *rest = row
    media = Media(
        arr_id=arr_id,
        title=title,
        path=RemotePath(path),
        monitored_remotely=remotely,
        year=year,
        external_ids=ids,
        youtube_trailer_id=youtube,
        main_file=main_file,
    )
    seen = None if observation is None else Observation(TrailerState(observation[0]), observation[1])
    return Item(media, None if local is None else LocalPath(local), seen, *rest)
