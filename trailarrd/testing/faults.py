"""Every way to go wrong that a client must survive, each as a value.

A fault changes the answer that the application would have given. It strikes every request, or
only those of its `phase`, and heals by itself after `times` requests if that is set. `phases` says
where a fault makes sense. Those that leave the answer's status and headers alone and spoil what it
says are in `content_faults`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import ClassVar

from trailarrd.testing.answers import (
    Answer,
    Delivery,
    Ending,
    document,
    empty,
    page,
    plain,
    redirect,
)
from trailarrd.testing.asked import EVERY_PHASE, Asked, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(ABC):
    """Something that goes wrong."""

    phases: ClassVar[frozenset[Phase]] = EVERY_PHASE

    phase: Phase | None = None
    """Strikes only requests of this phase; None: all of them."""
    times: int | None = None
    """Strikes so many requests and then no more; None: until it is taken away."""

    def __post_init__(self) -> None:
        if self.phase is not None and self.phase not in self.phases:
            raise ValueError(f"{type(self).__name__} changes nothing in phase {self.phase}")

    def strikes(self, asked: Asked) -> bool:
        """Whether this request is one that the fault is about."""
        return asked.phase in self.phases and self.phase in (None, asked.phase)

    @abstractmethod
    def apply(self, answer: Answer, asked: Asked) -> Answer:
        """The answer with the fault in it."""


# -- on the way -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(Fault):
    """The first byte comes late."""

    seconds: float

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return replace(answer, delivery=Delivery(wait=self.seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(Fault):
    """The body stops in the middle and goes on after some time."""

    seconds: float
    at: float = 0.5

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return replace(answer, delivery=Delivery(stall_at=self.at, stall_for=self.seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated(Fault):
    """The body ends early.

    With `Ending.CLEAN` the transfer looks complete and only the JSON is not; with `Ending.CLOSED`
    the connection ends where the body does.
    """

    at: float = 0.5
    ending: Ending = Ending.CLEAN

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return replace(answer, delivery=Delivery(cut_at=self.at, ending=self.ending))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Fault):
    """The connection is reset: before any byte, or `at` a fraction of the body."""

    at: float | None = None

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        if self.at is None:
            return Answer(delivery=Delivery(ending=Ending.RESET))
        return replace(answer, delivery=Delivery(cut_at=self.at, ending=Ending.RESET))


# -- another answer -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError(Fault):
    """500 with an exception, 503 while starting up, any other 5xx from the proxy in front.

    A server that is starting up checks the key first: a wrong one is still a 401.
    """

    status: int = 500
    retry_after: str | None = None

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        if self.status == 503 and answer.status == 401:
            return answer
        error = self._error(asked)
        return error if self.retry_after is None else error.with_headers(Retry_After=self.retry_after)

    def _error(self, asked: Asked) -> Answer:
        if self.status == 500:
            body = {"message": "database is locked", "description": "System.Exception: at /app/bin"}
            return document(body, status=500)
        if self.status != 503:
            return _proxy_page(self.status)
        message = f"{asked.app_name} is starting up, please try again later"
        return document({"errorMessage": message}, status=503) if asked.is_api else plain(503, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Fault):
    """401 and 404 with an empty body as the servers do, any other 4xx from the proxy in front."""

    status: int = 401

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return empty(self.status) if self.status in (401, 404) else _proxy_page(self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage(Fault):
    """A login page with status 200 where JSON was asked for."""

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return page("Login", '<form method="post"><input name="username"></form>')


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRedirect(Fault):
    """302 to the login page of the same server."""

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return redirect(302, f"{asked.url_base}/login?returnUrl={asked.path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectElsewhere(Fault):
    """A redirect to another origin, which must never see the key."""

    url: str
    status: int = 302

    def apply(self, answer: Answer, asked: Asked) -> Answer:
        return redirect(self.status, self.url.rstrip("/") + asked.target)


def _proxy_page(status: int) -> Answer:
    title = f"{status} {HTTPStatus(status).phrase}"
    return page(title, f"<center><h1>{title}</h1></center><hr><center>nginx</center>", status=status)
