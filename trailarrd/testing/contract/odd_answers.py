"""Answers that only the kit needs: of another shape or status, a trickle, a proxy that repeats the key."""

from dataclasses import dataclass, replace

from trailarrd.testing.answers import Answer, Delivery, document
from trailarrd.testing.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class AnotherShape(Fault):
    """Status 200 and valid JSON, but not what was asked for."""

    value: object = None

    def apply(self, answer: Answer, asked: object) -> Answer:
        return document(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnotherStatus(Fault):
    """A good answer, but for its status: 206, as of a cache that has only a part."""

    status: int

    def apply(self, answer: Answer, asked: object) -> Answer:
        return replace(answer, status=self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trickle(Fault):
    """No fault of the server's: the body comes in parts, each soon after the last."""

    seconds: float
    parts: int

    def apply(self, answer: Answer, asked: object) -> Answer:
        return replace(answer, delivery=Delivery(stall_for=self.seconds, parts=self.parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedKey(Fault):
    """An error that says what it was sent, the key included."""

    key: str
    status: int = 500

    def apply(self, answer: Answer, asked: object) -> Answer:
        said = f"request failed, headers: X-Api-Key: {self.key}"
        fields = {"message": said, "errorMessage": said, "description": said, "title": said, "id": said}
        answered = document(fields, status=self.status)
        return answered.with_headers(Location=f"/elsewhere?apikey={self.key}")
