"""Each request's own arguments, and the session that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from aiohttp import ClientSession, ClientTimeout
from yarl import URL

from trailarrd.testing.contract.verdict import require

if TYPE_CHECKING:
    from trailarrd.plugin import ApiManager
    from trailarrd.testing.contract.trial import Trial

_SESSIONS_OWN: Final = ("ssl", "verify_ssl", "ssl_context", "fingerprint", "server_hostname", "proxy")
"""What only the session says; None and True are what it says anyhow."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """One request, as it was given to the session."""

    method: str
    path: str
    options: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class RequestChecks:
    """Requests: what each says of certificates, redirects and time-outs, and the session of all."""

    def test_certificates_are_the_sessions_business(self, trial: Trial) -> None:
        """No request says anything of TLS or of a proxy: the session does."""
        for sent in _sent(trial):
            said = [
                f"{name}={sent.options[name]!r}"
                for name in _SESSIONS_OWN
                if sent.options.get(name) not in (None, True)
            ]
            require(
                not said,
                f"{sent} was sent with {', '.join(said)}",
                do="leave it out: session.get(url, headers=…, allow_redirects=False)",
                why="the session knows the user's ca_file and verify_tls; without them, anybody in between"
                " may read the API key",
            )

    def test_no_request_follows_redirects(self, trial: Trial) -> None:
        """Every request is sent with `allow_redirects=False`."""
        for sent in _sent(trial):
            require(
                sent.options.get("allow_redirects", True) is False,
                f"{sent} would follow a redirect",
                do="send it with allow_redirects=False",
                why="a redirect leads to a login page or to another host, which would be sent the API key",
            )

    def test_no_request_has_a_total_time(self, trial: Trial) -> None:
        """No request is bounded by a time in all: it ends when nothing comes any more."""
        for sent in _sent(trial):
            timeout = sent.options.get("timeout")
            total = timeout.total if isinstance(timeout, ClientTimeout) else timeout
            require(
                not isinstance(total, int | float),
                f"{sent} may take no longer than {total} s in all",
                do="bound each wait by asyncio.timeout(server.timeouts.stall), and give no total",
                why="a large library from a slow server takes minutes, and would never be read to its end",
            )

    def test_the_session_is_left_as_it_is(self, trial: Trial) -> None:
        """The session's headers, cookies, time-outs and TLS are after the calls what they were before."""

        async def compared(api: ApiManager[Any], session: ClientSession) -> list[str]:
            before = _state(session)
            for call in trial.calls:
                await call.ask(api)
            return [name for name, value in _state(session).items() if value != before[name]]

        with trial.server() as server:
            changed = trial.run(server.url, compared)
        require(
            not changed,
            f"the calls have changed the session's {', '.join(changed)}",
            do="send with each request what it needs, and leave the session alone",
            why="others use the same session; its headers follow a redirect to any host",
        )


def _state(session: ClientSession) -> dict[str, object]:
    """What its owner has set up."""
    connector: Any = session.connector
    return {
        "headers": dict(session.headers),
        "cookies": [f"{cookie.key}={cookie.value}" for cookie in session.cookie_jar],
        "time-outs": session.timeout,
        "login": session.auth,
        "connector": id(connector),
        "certificates": id(getattr(connector, "_ssl", None)),
        "number of connections": getattr(connector, "limit", None),
    }


def _sent(trial: Trial) -> list[_Sent]:
    with trial.server() as server, _noticed() as sent:
        for call in trial.calls:
            trial.get(server, call)
    return sent


@contextmanager
def _noticed() -> Iterator[list[_Sent]]:
    """Collects what any session is told to send."""
    sent: list[_Sent] = []
    real: Callable[..., Any] = ClientSession._request  # noqa: SLF001  # all ways to send go through it

    async def noticed(session: ClientSession, method: str, url: Any, **options: Any) -> Any:
        sent.append(_Sent(method, URL(url).path, options))
        return await real(session, method, url, **options)

    with patch.object(ClientSession, "_request", noticed):
        yield sent
