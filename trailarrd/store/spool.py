"""What one refresh collects before any of it is written: what is little in memory, the rest in a file."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Final, Generic, Self, TypeVar

import msgspec

from trailarrd.domain.plan import Buffer, Change, Entry, RefreshPlan, Unmatched, Unsettled
from trailarrd.errors import DatabaseError
from trailarrd.store.entries import plain

T = TypeVar("T")

IN_MEMORY: Final = 4000
"""Values that are kept in memory, about a kilobyte each."""

_AT_ONCE: Final = 500
_LENGTH: Final = 4

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_plain: Final = msgspec.msgpack.Decoder(list[Any]).decode


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
        for piece in self._pieces():
            yield from self._decode(piece)
        yield from self._fresh

    def plain(self) -> Iterator[Any]:
        """All of them as lists of what msgpack knows: to build them anew would be 2 % of a first refresh."""
        for piece in self._pieces():
            yield from _decode_plain(piece)
        yield from map(plain, self._fresh)

    def _pieces(self) -> Iterator[bytes]:
        if self._file is not None:
            self._file.seek(0)
            while length := self._file.read(_LENGTH):
                yield self._file.read(int.from_bytes(length, "big"))

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


def plain_of(buffer: Buffer[T]) -> Iterator[Any]:
    return buffer.plain() if isinstance(buffer, Spool) else map(plain, buffer)


class Buffers:
    """The buffers of one plan; closing them leaves nothing behind."""

    def __init__(self, folder: Path | None) -> None:
        self._additions = Spool(Entry, folder)
        self._changes = Spool(Change, folder)
        self.unmatched: Spool[Unmatched] = Spool(Unmatched, folder)  # type: ignore[arg-type]  # an alias of a union
        self.unsettled: Spool[Unsettled] = Spool(Unsettled, folder)  # type: ignore[arg-type]  # an alias of a union
        self.plan = RefreshPlan(additions=self._additions, changes=self._changes)
        """An empty plan that grows on them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for spool in (self._additions, self._changes, self.unmatched, self.unsettled):
            spool.close()
