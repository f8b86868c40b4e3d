"""A list that keeps in memory what is little, and the rest in a temporary file."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

import msgspec

from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T = TypeVar("T")

Row: TypeAlias = tuple[Any, ...]
"""Numbers, texts, bytes, truths and further rows."""

IN_MEMORY: Final = 4000
"""Rows that are kept in memory, about a kilobyte each."""

_AT_ONCE: Final = 500
_LENGTH: Final = 4

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(tuple[tuple[Any, ...], ...]).decode


class Spool(Generic[T]):
    """A pile of anything that can be written as a row; close it, whatever became of it.

    The file lies in `folder`, has no name, and so is gone with its process at the latest. Raises
    `DatabaseError` if it cannot be written.
    """

    def __init__(
        self,
        to_row: Callable[[T], Row],
        from_row: Callable[[Row], T],
        folder: Path | None,
        *,
        in_memory: int = IN_MEMORY,
    ) -> None:
        self._to_row = to_row
        self._from_row = from_row
        self._folder = folder
        self._in_memory = in_memory
        self._spilled = 0
        self._fresh: list[Row] = []
        self._file: IO[bytes] | None = None

    def append(self, one: T, /) -> None:
        """Put one on it."""
        self._fresh.append(self._to_row(one))
        if len(self._fresh) >= self._in_memory:
            self._spill()

    def __len__(self) -> int:
        return self._spilled + len(self._fresh)

    def __iter__(self) -> Iterator[T]:
        return map(self._from_row, self.rows())

    def rows(self) -> Iterator[Row]:
        """All of them as rows, in their order; none may be added meanwhile."""
        if self._file is not None:
            self._file.seek(0)
            while length := self._file.read(_LENGTH):
                yield from _decode(self._file.read(int.from_bytes(length, "big")))
        yield from self._fresh

    def close(self) -> None:
        """Forget it all."""
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
