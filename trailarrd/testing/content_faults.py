"""Answers that look right and say something else: wrong, short or broken content."""

import zlib
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import ClassVar, Final

from trailarrd.testing.answers import Answer, cut, split
from trailarrd.testing.asked import EVERY_PHASE, Asked, Phase
from trailarrd.testing.encoding import COMPACT, decode
from trailarrd.testing.faults import Fault

_LISTS: Final = frozenset({Phase.LIST, Phase.ROOT_FOLDERS})
_DOCUMENTS: Final = EVERY_PHASE - {Phase.OTHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortenedList(Fault):
    """A complete, valid list of the first items only."""

    phases: ClassVar = _LISTS

    keep: float = 0.5

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        if answer.elements is None:
            return answer
        return replace(answer, elements=answer.elements[: int(len(answer.elements) * self.keep)])


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyList(Fault):
    """A complete, valid list of nothing."""

    phases: ClassVar = _LISTS

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return answer if answer.elements is None else replace(answer, elements=())


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongApplication(Fault):
    """Another application answers; None: one so old that it does not say which it is."""

    phases: ClassVar = frozenset({Phase.STATUS})

    app_name: str | None = "Whisparr"

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        if answer.status != HTTPStatus.OK:
            return answer
        status = decode(b"".join(answer.body()))
        others = {name: value for name, value in status.items() if name != "appName"}
        named = {} if self.app_name is None else {"appName": self.app_name}
        return answer.with_pieces((answer.layout.document(named | others),))


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRecord(Fault):
    """One record of a list, or the one that was asked for, has a value of the wrong type.

    Without a `field` the value stands in place of the whole record.
    """

    phases: ClassVar = _DOCUMENTS

    position: int = 0
    """Counted from the end if negative."""
    field: str | None = "title"
    value: object = 17

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        if answer.status != HTTPStatus.OK:
            return answer
        if answer.elements is None:
            broken = self._broken(b"".join(answer.body()))
            return answer.with_pieces((answer.layout.document(broken),))
        elements = list(answer.elements)
        if -len(elements) <= self.position < len(elements):
            broken = self._broken(elements[self.position])
            elements[self.position] = answer.layout.element(broken)
        return replace(answer, elements=elements)

    def _broken(self, record: bytes) -> object:
        return self.value if self.field is None else {**decode(record), self.field: self.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenJson(Fault):
    """Bytes that no JSON has, in the middle of it, and all the rest as it should be."""

    phases: ClassVar = _DOCUMENTS

    at: float = 0.5
    garbage: bytes = b"\x00#!garbage"

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        before, after = split(answer.body(), self.at)
        return answer.with_pieces([*before, self.garbage, *after])


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailingGarbage(Fault):
    """Something follows after the end of the JSON."""

    phases: ClassVar = _DOCUMENTS

    garbage: bytes = b"\n<!-- served by a proxy -->\n"

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return answer.with_pieces([*answer.body(), self.garbage])


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactJson(Fault):
    """No fault of the server's: the same JSON without any white space, as a proxy may send it."""

    phases: ClassVar = _DOCUMENTS

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        if answer.elements is not None:
            elements = [COMPACT.element(decode(element)) for element in answer.elements]
            return replace(answer, elements=elements, layout=COMPACT)
        if answer.status != HTTPStatus.OK:
            return answer
        return answer.with_pieces((COMPACT.document(decode(b"".join(answer.body()))),))


@dataclass(frozen=True, slots=True, kw_only=True)
class CutGzip(Fault):
    """The body is compressed, asked for or not, and the compressed stream ends early and cleanly."""

    phases: ClassVar = _DOCUMENTS

    at: float = 0.5

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        packed = [zlib.compress(b"".join(answer.body()), wbits=31)]
        return answer.with_pieces(cut(packed, self.at)).with_headers(Content_Encoding="gzip")
