"""All that is known of a library before a refresh, packed: about 90 bytes an item, however many there are.

One object for each item and a dictionary of them would be five times as much, and most of what a
refresh of a large library needs. An item is unpacked only when it is looked at.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.domain.identity import Marks
from trailarrd.domain.monitoring import MonitorReason, TrailerState
from trailarrd.domain.plan import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROW: Final = struct.Struct("=qqqqq16s10s")

TRAILERS: Final = tuple(TrailerState)
REASONS: Final = tuple(MonitorReason)
INTENTS: Final = (None, False, True)

TRAILER_BITS: Final = 0
INTENT_BITS: Final = 2
REASON_BITS: Final = 4
MONITORED: Final = 1 << 8
REMOVED: Final = 1 << 9
HELD: Final = 1 << 10


class Packed(NamedTuple):
    """One item as it is packed; `flags` holds every word and every yes or no of a `Known`."""

    arr_id: int
    flags: int
    id: int
    first_refresh: int
    trailer_mark: int
    identity: int
    """0: it has none."""
    folder: int
    """0: it is not known."""
    fingerprint: bytes
    signature: bytes


class KnownItems:
    """A connection's items by arr id; several may have the same, but only one of those is listed."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._arr_ids = array("q")
        self._flags = array("H")
        self._rows = bytearray()
        self.living = 0
        """Items that are not removed."""
        self.append(pack(one) for one in sorted(known, key=lambda one: one.arr_id))

    def append(self, rows: Iterable[tuple[int, int, int, int, int, int, int, bytes, bytes]]) -> None:
        """Take further items, each a `Packed`; their arr ids never fall."""
        for arr_id, flags, *rest in rows:
            self._arr_ids.append(arr_id)
            self._flags.append(flags)
            self._rows += _ROW.pack(*rest)
            self.living += not flags & REMOVED

    def __len__(self) -> int:
        return len(self._arr_ids)

    def __iter__(self) -> Iterator[Known]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> Known:
        number, first_refresh, trailer_mark, identity, folder, fingerprint, signature = _ROW.unpack_from(
            self._rows, row * _ROW.size
        )
        flags = self._flags[row]
        return Known(
            number,
            self._arr_ids[row],
            fingerprint,
            TRAILERS[flags & 3],
            trailer_mark,
            INTENTS[flags >> INTENT_BITS & 3],
            flags & MONITORED != 0,
            REASONS[flags >> REASON_BITS & 15],
            first_refresh,
            flags & REMOVED != 0,
            identity or None,
            folder or None,
            flags & HELD != 0,
            signature if signature.count(0) < len(signature) else b"",
        )

    def find(self, arr_id: int) -> int | None:
        """The row of the item that has this arr id now: never a removed one, a held one if need be."""
        row = bisect_left(self._arr_ids, arr_id)
        held = None
        while row < len(self._arr_ids) and self._arr_ids[row] == arr_id:
            flags = self._flags[row]
            if not flags & (REMOVED | HELD):
                return row
            if not flags & REMOVED and held is None:
                held = row
            row += 1
        return held

    def marks(self, row: int) -> Marks:
        """What that item is known by."""
        values = _ROW.unpack_from(self._rows, row * _ROW.size)
        return Marks(self._arr_ids[row], values[3], values[4])

    def is_removed(self, row: int) -> bool:
        """Whether that item was removed earlier."""
        return self._flags[row] & REMOVED != 0

    @property
    def held(self) -> Iterator[int]:
        """The rows of the items whose removal is held."""
        return (row for row, flags in enumerate(self._flags) if flags & (HELD | REMOVED) == HELD)


class Selection:
    """Some of the known items, unpacked one by one."""

    def __init__(self, known: KnownItems, rows: Iterable[int] = ()) -> None:
        self._known = known
        self._rows = array("q", rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Known]:
        return map(self._known.__getitem__, self._rows)

    def __contains__(self, one: object) -> bool:
        return any(known == one for known in self)


def pack(known: Known) -> Packed:
    """The same in fewer bytes."""
    flags = (
        TRAILERS.index(known.trailer) << TRAILER_BITS
        | INTENTS.index(known.intent) << INTENT_BITS
        | REASONS.index(known.monitor_reason) << REASON_BITS
        | known.monitored * MONITORED
        | known.removed * REMOVED
        | known.held * HELD
    )
    return Packed(
        known.arr_id,
        flags,
        known.id,
        known.first_refresh,
        known.trailer_mark,
        known.identity or 0,
        known.folder or 0,
        known.fingerprint,
        known.signature,
    )
