"""What one refresh collects before any of it is written: what is little in memory, the rest in a file."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Final, Generic, Self, TypeVar

import msgspec

from trailarrd.domain.plan import Buffer, RefreshPlan, Unmatched, Unsettled
from trailarrd.errors import DatabaseError
from trailarrd.store.changes import RowChange
from trailarrd.store.entries import Row, from_row, to_row

T = TypeVar("T")
W = TypeVar("W")

IN_MEMORY: Final = 1000
"""Values that are kept in memory, about a kilobyte each."""

_AT_ONCE: Final = 500
_LENGTH: Final = 4

_encode: Final = msgspec.msgpack.Encoder().encode


class Spool(Generic[T]):
    """A list of values of one type; close it, whatever became of it.

    The file lies in `folder`, has no name, and so is gone with its process at the latest. Raises
    `DatabaseError` if it cannot be written.
    """

    def __init__(self, kind: type[T], folder: Path | None, *, in_memory: int = IN_MEMORY) -> None:
        self._decode = msgspec.msgpack.Decoder(list[kind]).decode  # type: ignore[valid-type]  # a type known only now
        self._folder = folder
        self._in_memory = in_memory
        self._spilled = 0
        self._fresh: list[T] = []
        self._file: IO[bytes] | None = None

    def append(self, one: T, /) -> None:
        self._fresh.append(one)
        if len(self._fresh) >= self._in_memory:
            self._spill()

    def __len__(self) -> int:
        return self._spilled + len(self._fresh)

    def __iter__(self) -> Iterator[T]:
        """All of them, in their order; none may be added meanwhile."""
        if self._file is not None:
            self._file.seek(0)
            while length := self._file.read(_LENGTH):
                yield from self._decode(self._file.read(int.from_bytes(length, "big")))
        yield from self._fresh

    def close(self) -> None:
        self._fresh.clear()
        self._spilled = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _spill(self) -> None:
        try:
            if self._file is None:
                self._file = TemporaryFile(dir=self._folder)  # noqa: SIM115  # `close` does
            self._file.seek(0, 2)
            for start in range(0, len(self._fresh), _AT_ONCE):
                piece = _encode(self._fresh[start : start + _AT_ONCE])
                self._file.write(len(piece).to_bytes(_LENGTH, "big") + piece)
            self._file.flush()
        except OSError as error:
            raise DatabaseError(
                f"what a refresh changes does not fit into {self._folder or 'the temporary folder'}: "
                f"{(error.strerror or type(error).__name__).lower()}"
            ) from error
        self._spilled += len(self._fresh)
        self._fresh = []


class Written(Generic[T, W]):
    """A list of values that are kept as they are written to the database."""

    def __init__(self, kept: Spool[W], to: Callable[[T], W], back: Callable[[W], T]) -> None:
        self.kept = kept
        self._to = to
        self._back = back

    def append(self, one: T, /) -> None:
        self.kept.append(self._to(one))

    def __len__(self) -> int:
        return len(self.kept)

    def __iter__(self) -> Iterator[T]:
        return map(self._back, self.kept)


def written(buffer: Buffer[T], to: Callable[[T], W]) -> Iterable[W]:
    """What a buffer holds as it is written."""
    return buffer.kept if isinstance(buffer, Written) else map(to, buffer)


class Buffers:
    """The buffers of one plan; closing them leaves nothing behind."""

    def __init__(self, folder: Path | None) -> None:
        self.unmatched: Spool[Unmatched] = Spool(Unmatched, folder)  # type: ignore[arg-type]  # an alias of a union
        self.unsettled: Spool[Unsettled] = Spool(Unsettled, folder)  # type: ignore[arg-type]  # an alias of a union
        rows: Spool[Row] = Spool(tuple, folder)
        changes = Spool(RowChange, folder)
        self._spools = (rows, changes, self.unmatched, self.unsettled)
        self.plan = RefreshPlan(
            additions=Written(rows, to_row, from_row),
            changes=Written(changes, RowChange.of, RowChange.change),
        )
        """An empty plan that grows on them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for spool in self._spools:
            spool.close()
