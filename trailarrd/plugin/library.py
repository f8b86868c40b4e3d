"""A library's records while they arrive: decoded in groups, handed on in batches."""

import json
import re
from typing import Final, Generic, cast, get_type_hints

import msgspec

from trailarrd.domain.connection import Limits
from trailarrd.domain.details import FACT
from trailarrd.plugin.cutter import BROKE_OFF, CutError, Cutter
from trailarrd.plugin.provider import BrokenRecord, RecordT

BATCH: Final = 750
"""Records in a batch, but for the last: fewer cost overhead, many more stall the loop."""

_BATCH_BYTES: Final = 2**24
"""Bytes from which on fewer are a batch; on a real server even so many have less."""

_MOST_DIGITS: Final = 40

_PLACE: Final = re.compile(r"at `\$\.(\w+)")

_MALFORMED: Final = (CutError, RecursionError, UnicodeDecodeError)


class RecordStream(Generic[RecordT]):
    """Turns the pieces of a body into batches of records.

    A record that does not fit `record_type` becomes a `BrokenRecord`; a body that is not one
    complete JSON array raises `CutError`.
    """

    def __init__(self, record_type: type[RecordT], limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._cutter = Cutter(self._limits)
        self._group: msgspec.json.Decoder[list[RecordT]] = msgspec.json.Decoder(
            list[record_type]  # type: ignore[valid-type]  # a type known at run time
        )
        self._record_type = record_type
        self._facts = _facts_of(record_type)
        self._position = 0
        self._bytes = 0
        """About what the next batch was decoded from."""
        self._batch: list[RecordT | BrokenRecord] = []

    def feed(self, piece: bytes) -> list[RecordT | BrokenRecord]:
        """A batch, if this piece fills one, else nothing."""
        if (group := self._cutter.feed(piece)) is not None:
            self._take(group)
        return self.more()

    def more(self) -> list[RecordT | BrokenRecord]:
        """A further batch, if a piece filled several, else nothing."""
        if len(self._batch) >= BATCH:
            return self._give(BATCH)
        return self._give(len(self._batch)) if self._bytes >= _BATCH_BYTES else []

    def finish(self) -> list[RecordT | BrokenRecord]:
        """All that is left, after the whole body; raises `CutError` if it was not whole."""
        rest = self._cutter.finish()
        try:
            self._batch += self._decode(rest)
        except _MALFORMED as error:
            raise CutError(BROKE_OFF if self._cutter.breaks_off(rest) else _reason(error)) from error
        return self._give(len(self._batch))

    def _take(self, group: bytes) -> None:
        try:
            self._batch += self._decode(group)
            self._bytes += len(group)
        except _MALFORMED as error:
            if not self._cutter.indented:
                raise CutError(_reason(error)) from error
            if (again := self._cutter.count_brackets(group)) is not None:
                self._take(again)

    def _decode(self, group: bytes) -> list[RecordT | BrokenRecord]:
        try:
            records = cast("list[RecordT | BrokenRecord]", self._group.decode(group))
        except msgspec.MsgspecError:
            records = self._decode_each(group)
        self._position += len(records)
        return records

    def _decode_each(self, group: bytes) -> list[RecordT | BrokenRecord]:
        """The same item by item, so that a broken one is alone in its trouble."""
        return [
            self._decode_one(item, position) for position, item in enumerate(_items(group), self._position)
        ]

    def _decode_one(self, item: object, position: int) -> RecordT | BrokenRecord:
        try:
            return msgspec.convert(item, self._record_type)
        except (msgspec.ValidationError, UnicodeEncodeError) as error:
            if (rest := self._without_odd_fact(item, str(error))) is not None:
                return self._decode_one(rest, position)
            return BrokenRecord(position=position, arr_id=_id_of(item), reason=str(error))

    def _without_odd_fact(self, item: object, reason: str) -> object | None:
        """The record without the fact that cannot be decoded, if it is for one that it cannot be."""
        found = _PLACE.search(reason)
        if found is None or found[1] not in self._facts or not isinstance(item, dict):
            return None
        return {name: value for name, value in item.items() if name != found[1]}

    def _give(self, size: int) -> list[RecordT | BrokenRecord]:
        if self._position > self._limits.items:
            raise CutError(f"it lists more than {self._limits.items} items (limits.items)")
        batch, self._batch, self._bytes = self._batch[:size], self._batch[size:], 0
        return batch


def _facts_of(record_type: object) -> frozenset[str]:
    """What the server calls those of a record's fields that are a `Fact`."""
    if not (isinstance(record_type, type) and issubclass(record_type, msgspec.Struct)):
        return frozenset()
    hints = get_type_hints(record_type, include_extras=True)
    names = zip(record_type.__struct_fields__, record_type.__struct_encode_fields__, strict=True)
    return frozenset(encoded for name, encoded in names if FACT in getattr(hints[name], "__metadata__", ()))


def _items(group: bytes) -> list[object]:
    """The group's items as plain values.

    The standard decoder takes half a surrogate pair (`\\ud800`) where msgspec takes the whole answer for
    malformed; which record cannot be stored is then found out one by one.
    """
    try:
        return cast("list[object]", json.loads(group, parse_int=_integer))
    except ValueError as error:
        raise CutError(str(error)) from error


def _integer(digits: str) -> int | str:
    """A number, unless it is absurd: Python refuses to read thousands of digits."""
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


def _id_of(item: object) -> int | None:
    arr_id = item.get("id") if isinstance(item, dict) else None
    return arr_id if isinstance(arr_id, int) and not isinstance(arr_id, bool) else None


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it nests too deeply"
    return str(error)
