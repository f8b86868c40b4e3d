"""All that is known of a library before a refresh, packed: about 90 bytes an item, however many there are.

One object for each item and a dictionary of them would be five times as much, and most of what a
refresh of a large library needs. An item is unpacked only when it is looked at.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from trailarrd.domain.identity import Marks
from trailarrd.domain.monitoring import MonitorReason, TrailerState
from trailarrd.domain.plan import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FINGERPRINT: Final = 16
_SIGNATURE: Final = 10
_NO_SIGNATURE: Final = bytes(_SIGNATURE)
_NUMBERS: Final = ("id", "first_refresh", "trailer_mark", "identity", "folder")

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


PackedRow: TypeAlias = tuple[int, int, int, int, int, int, int, bytes, bytes]
"""A `Packed`, or a row that is like one."""


class KnownItems:
    """A connection's items by arr id; several may have the same, but only one of those is listed."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._arr_ids, self.flags = array("q"), array("H")
        self._numbers = tuple(array("q") for _ in _NUMBERS)
        self._fingerprints, self._signatures = bytearray(), bytearray()
        self._hint = 0
        self.living = 0
        """Items that are not removed."""
        self.append([pack(one) for one in sorted(known, key=lambda one: one.arr_id)])

    def append(self, rows: Sequence[PackedRow]) -> None:
        """Take further items, each a `Packed`; their arr ids never fall."""
        if not rows:
            return
        arr_ids, flags, *numbers, fingerprints, signatures = zip(*rows, strict=True)
        self._arr_ids.extend(arr_ids)
        self.flags.extend(flags)
        for column, values in zip(self._numbers, numbers, strict=True):
            column.extend(values)
        self._fingerprints += b"".join([one.ljust(_FINGERPRINT, b"\0") for one in fingerprints])
        self._signatures += b"".join([one.ljust(_SIGNATURE, b"\0") for one in signatures])
        self.living += len(flags) - sum(map(REMOVED.__and__, flags)) // REMOVED

    def __len__(self) -> int:
        return len(self._arr_ids)

    def __iter__(self) -> Iterator[Known]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> Known:
        flags = self.flags[row]
        number, first_refresh, trailer_mark, identity, folder = (column[row] for column in self._numbers)
        return Known(
            number,
            self._arr_ids[row],
            self.fingerprint(row),
            TRAILERS[flags >> TRAILER_BITS & 3],
            trailer_mark,
            INTENTS[flags >> INTENT_BITS & 3],
            flags & MONITORED != 0,
            REASONS[flags >> REASON_BITS & 15],
            first_refresh,
            flags & REMOVED != 0,
            identity or None,
            folder or None,
            flags & HELD != 0,
            self.signature(row),
        )

    def find(self, arr_id: int) -> int | None:
        """The row of the item that has this arr id now: never a removed one, a held one if need be."""
        arr_ids = self._arr_ids
        row = self._hint  # servers list by id, so the next one is most often the one
        if row >= len(arr_ids) or arr_ids[row] != arr_id or (row and arr_ids[row - 1] == arr_id):
            row = bisect_left(arr_ids, arr_id)
        self._hint = row + 1
        held = None
        while row < len(arr_ids) and arr_ids[row] == arr_id:
            flags = self.flags[row]
            if not flags & (REMOVED | HELD):
                return row
            if not flags & REMOVED and held is None:
                held = row
            row += 1
        return held

    def has_fingerprint(self, row: int, fingerprint: bytes) -> bool:
        """Whether this is that item's fingerprint."""
        return self._fingerprints[row * _FINGERPRINT : row * _FINGERPRINT + _FINGERPRINT] == fingerprint

    def fingerprint(self, row: int) -> bytes:
        """That item's fingerprint."""
        return bytes(self._fingerprints[row * _FINGERPRINT : row * _FINGERPRINT + _FINGERPRINT])

    def signature(self, row: int) -> bytes:
        """How that item's folder was when it was last listed; empty if there is none to believe."""
        signature = bytes(self._signatures[row * _SIGNATURE : row * _SIGNATURE + _SIGNATURE])
        return b"" if signature == _NO_SIGNATURE else signature

    def first_refresh(self, row: int) -> int:
        """The number of the refresh that first saw that item."""
        return self._numbers[1][row]

    def marks(self, row: int) -> Marks:
        """What that item is known by."""
        return Marks(self._arr_ids[row], self._numbers[3][row], self._numbers[4][row])

    def is_removed(self, row: int) -> bool:
        """Whether that item was removed earlier."""
        return self.flags[row] & REMOVED != 0

    @property
    def held(self) -> Iterator[int]:
        """The rows of the items whose removal is held."""
        return (row for row, flags in enumerate(self.flags) if flags & (HELD | REMOVED) == HELD)


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
