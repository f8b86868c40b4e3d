"""A library's records while they arrive: decoded in groups, handed on in batches."""

from __future__ import annotations

from typing import Final, Generic, cast

import msgspec

from trailarrd.plugin.cutter import CutError, Cutter
from trailarrd.plugin.provider import BrokenRecord, RecordT

BATCH: Final = 500
"""Records a batch holds at least, but for the last: fewer cost overhead, many more stall the loop."""

_MALFORMED: Final = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class _Id(msgspec.Struct):
    id: int


class RecordStream(Generic[RecordT]):
    """Turns the pieces of a body into batches of records.

    A record that does not fit `record_type` becomes a `BrokenRecord`; a body that is not one
    complete JSON array raises `CutError`.
    """

    def __init__(self, record_type: type[RecordT]) -> None:
        self._cutter = Cutter()
        self._group: msgspec.json.Decoder[list[RecordT]] = msgspec.json.Decoder(
            list[record_type]  # type: ignore[valid-type]  # a type known at run time
        )
        self._one: msgspec.json.Decoder[RecordT] = msgspec.json.Decoder(record_type)
        self._raw = msgspec.json.Decoder(list[msgspec.Raw])
        self._id = msgspec.json.Decoder(_Id)
        self._position = 0
        self._batch: list[RecordT | BrokenRecord] = []

    def feed(self, piece: bytes) -> list[RecordT | BrokenRecord]:
        """A batch, if this piece fills one, else nothing."""
        if (group := self._cutter.feed(piece)) is not None:
            self._take(group)
        return self._give() if len(self._batch) >= BATCH else []

    def finish(self) -> list[RecordT | BrokenRecord]:
        """The last batch, after the whole body; raises `CutError` if it was not whole."""
        rest = self._cutter.finish()
        try:
            self._batch += self._decode(rest)
        except _MALFORMED as error:
            raise CutError(_reason(error)) from error
        return self._give()

    def _take(self, group: bytes) -> None:
        try:
            self._batch += self._decode(group)
        except _MALFORMED as error:
            if not self._cutter.indented:
                raise CutError(_reason(error)) from error
            if (again := self._cutter.count_brackets(group)) is not None:
                self._take(again)

    def _decode(self, group: bytes) -> list[RecordT | BrokenRecord]:
        try:
            records = self._group.decode(group)
        except msgspec.MsgspecError:
            records = [
                self._decode_one(raw, self._position + offset)  # type: ignore[misc]  # may be broken
                for offset, raw in enumerate(self._raw.decode(group))
            ]
        self._position += len(records)
        return cast("list[RecordT | BrokenRecord]", records)

    def _decode_one(self, raw: msgspec.Raw, position: int) -> RecordT | BrokenRecord:
        try:
            return self._one.decode(raw)
        except msgspec.ValidationError as error:
            return BrokenRecord(position=position, arr_id=self._id_of(raw), reason=str(error))

    def _id_of(self, raw: msgspec.Raw) -> int | None:
        try:
            return self._id.decode(raw).id
        except msgspec.ValidationError:
            return None

    def _give(self) -> list[RecordT | BrokenRecord]:
        batch, self._batch = self._batch, []
        return batch


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it nests too deeply"
    return str(error)
