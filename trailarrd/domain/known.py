"""All that is known of a library before a refresh, packed: about 90 bytes an item, however many there are.

One object for each item and a dictionary of them would be five times as much, and most of what a
refresh of a large library needs. An item is unpacked only when it is looked at.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from enum import IntEnum
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from trailarrd.domain.keys import ItemKeys
from trailarrd.domain.monitoring import MonitorReason, TrailerState  # for msgspec

NO_SIGNATURE: Final = b""
"""In place of a folder's signature: there is none that could be trusted."""

_FINGERPRINT: Final = 16
_SIGNATURE: Final = 10
_BLANK_SIGNATURE: Final = bytes(_SIGNATURE)


class Vanishing(IntEnum):
    """Whether an item's trailer is held to be there, though it is not seen any more."""

    NO = 0
    MISNAMED = 1
    """The file is where it was, and only by its name no longer counts."""
    GONE = 2
    """It went with so many others that this was not believed."""
    LONG_GONE = 3
    """The same, and so long ago that the item's own file is believed as its witness."""

    @property
    def is_gone(self) -> bool:
        return self >= Vanishing.GONE

    def is_news_after(self, before: Vanishing) -> bool:
        """Whether it is to be noted; that it is long ago is a matter of time alone."""
        return self is not before and not (self.is_gone and before.is_gone)


SECOND_LOOK: Final = timedelta(minutes=10)
"""After which a trailer that went with many others is `LONG_GONE`: disks come and go in less."""


class Known(NamedTuple):
    """What is known of one item before a refresh, as little as planning needs."""

    arr_id: int
    id: int
    first_refresh: int
    """The number of the refresh that first saw it, or its first file if that came later."""
    trailer_hash: int
    """`file_hash` of its trailer."""
    identity: int
    """`identity_hash` of its id elsewhere."""
    folder: int
    """`folder_hash` of its remote path; 0: it is not known."""
    fingerprint: bytes
    signature: bytes
    """How its folder was when it was last listed."""
    # From here on a few words and yes or no: many items have the same.
    trailer: TrailerState
    intent: bool | None
    monitored: bool
    monitor_reason: MonitorReason
    removed: bool
    """Marked as removed earlier."""
    held: bool
    """Its removal is held."""
    contradicted: bool = False
    """The server says that it has its own file, and its folder did not show it."""
    vanishing: Vanishing = Vanishing.NO
    exclusion: str | None = None
    """The mark of why it is not wanted at all."""
    had_file: bool | None = None
    """Whether the server ever had a file of it; None: it never said."""


_INTEGERS: Final = Known._fields.index("fingerprint")
_WORDS: Final = Known._fields.index("trailer")

KnownRow: TypeAlias = "tuple[Any, ...]"
"""The fields of a `Known`, words and truths as a database has them."""


class KnownItems:
    """A connection's items by arr id; several may have the same, but only one of those is listed."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._integers = tuple(array("q") for _ in range(_INTEGERS))
        self._arr_ids = self._integers[0]
        self._fingerprints, self._signatures = bytearray(), bytearray()
        self._words = _Words()
        self.words = array("H")
        """A number for each item: those with the same have the same words."""
        self.trailer_hashes = self._integers[3]
        self._hint = 0
        self.append(sorted(known, key=itemgetter(0)))

    def append(self, rows: Sequence[KnownRow]) -> None:
        """Take further items; their arr ids never fall."""
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        for column, values in zip(self._integers, columns, strict=False):
            column.extend(values)
        fingerprints, signatures = columns[_INTEGERS:_WORDS]
        self._fingerprints += b"".join([one.ljust(_FINGERPRINT, b"\0") for one in fingerprints])
        self._signatures += b"".join([one.ljust(_SIGNATURE, b"\0") for one in signatures])
        self.words.extend(map(self._words.__getitem__, zip(*columns[_WORDS:], strict=True)))

    def __len__(self) -> int:
        return len(self._arr_ids)

    def __iter__(self) -> Iterator[Known]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> Known:
        integers = [column[row] for column in self._integers]
        words = self._sample(row)[_WORDS:]
        return Known._make((*integers, self.fingerprint(row), self.signature(row), *words))

    def _sample(self, row: int) -> Known:
        """A `Known` of which only the words are those of this item."""
        return self._words.samples[self.words[row]]

    @property
    def living(self) -> int:
        """How many are not removed."""
        return self._count(lambda one: not one.removed)

    @property
    def with_trailer(self) -> int:
        """How many of those have a trailer."""
        return self._count(lambda one: not one.removed and one.trailer is TrailerState.PRESENT)

    def _count(self, fits: Callable[[Known], bool]) -> int:
        counts = Counter(self.words)
        return sum(counts[number] for number, one in enumerate(self._words.samples) if fits(one))

    @property
    def held(self) -> Iterator[int]:
        """The rows of the items whose removal is held."""
        samples = self._words.samples
        wanted = {number for number, one in enumerate(samples) if one.held and not one.removed}
        return (row for row, number in enumerate(self.words) if number in wanted)

    def find(self, arr_id: int) -> int | None:
        """The row of the item that has this arr id now: never a removed one, a held one if need be."""
        arr_ids = self._arr_ids
        row = self._hint  # servers list by id, so the next one is most often the one
        if row >= len(arr_ids) or arr_ids[row] != arr_id or (row and arr_ids[row - 1] == arr_id):
            row = bisect_left(arr_ids, arr_id)
        self._hint = row + 1
        samples, words, held = self._words.samples, self.words, None
        while row < len(arr_ids) and arr_ids[row] == arr_id:
            sample = samples[words[row]]
            if not (sample.removed or sample.held):
                return row
            if not sample.removed and held is None:
                held = row
            row += 1
        return held

    def has_fingerprint(self, row: int, fingerprint: bytes) -> bool:
        return self._fingerprints[row * _FINGERPRINT : row * _FINGERPRINT + _FINGERPRINT] == fingerprint

    def fingerprint(self, row: int) -> bytes:
        return bytes(self._fingerprints[row * _FINGERPRINT : row * _FINGERPRINT + _FINGERPRINT])

    def signature(self, row: int) -> bytes:
        """How that item's folder was when it was last listed; empty if there is none to trust."""
        signature = bytes(self._signatures[row * _SIGNATURE : row * _SIGNATURE + _SIGNATURE])
        return NO_SIGNATURE if signature == _BLANK_SIGNATURE else signature

    def first_refresh(self, row: int) -> int:
        return self._integers[2][row]

    def keys(self, row: int) -> ItemKeys:
        return ItemKeys(self._arr_ids[row], self._integers[4][row], self._integers[5][row])

    def is_removed(self, row: int) -> bool:
        return self._sample(row).removed


class _Words(dict["tuple[Any, ...]", int]):
    """Numbers the combinations of words that there are: a few dozen, whatever the library's size."""

    def __init__(self) -> None:
        self.samples: list[Known] = []
        """By number, as a `Known` has them."""

    def __missing__(self, words: tuple[Any, ...]) -> int:
        blank = (*[0] * _INTEGERS, b"", b"")
        self.samples.append(msgspec.convert((*blank, *words), Known, strict=False))  # 0 and 1 are truths
        self[words] = number = len(self)
        return number


class Selection:
    def __init__(self, known: KnownItems, rows: Iterable[int] = ()) -> None:
        self._known = known
        self._rows = array("q", rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Known]:
        return map(self._known.__getitem__, self._rows)

    def __contains__(self, one: object) -> bool:
        return any(known == one for known in self)
