"""Who is asked, where, and with which key."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_plus

from trailarrd.plugin import (
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    SystemStatus,
)
from trailarrd.testing.asked import Asked, Phase
from trailarrd.testing.contract.calls import STATUS
from trailarrd.testing.contract.odd_answers import AnotherShape
from trailarrd.testing.contract.trial import KEY, Trial
from trailarrd.testing.contract.verdict import fail, must_raise, require
from trailarrd.testing.faults import Refusal
from trailarrd.testing.gate import Gate

_SOON: Final = 8.0


class AccessChecks:
    """Access: the key, the address, the application."""

    def test_a_server_that_is_well_can_be_read(self, trial: Trial) -> None:
        """All four methods succeed with a server that is well: nothing else can be checked before."""
        with trial.server() as server:
            for call in trial.calls:
                trial.get(server, call)

    def test_the_key_is_sent_as_a_header(self, trial: Trial) -> None:
        """Every request has the API key in the dialect's `key_header` (`X-Api-Key`) or `Authorization`."""
        for request in _requests(trial):
            require(
                any(KEY in request.headers.get(name, "") for name in _key_headers(trial)),
                f"{request.method} {request.path} came without the API key in a header",
                do=f'send {{"{trial.dialect.key_header}": server.api_key.reveal()}} with each request',
                why="the server answers 401 to whoever shows no key",
            )

    def test_the_key_is_in_no_address(self, trial: Trial) -> None:
        """No address has the API key in it, neither in its path nor in its query."""
        for request in _requests(trial):
            require(
                KEY not in unquote_plus(request.target),
                f"the request to {request.path} has the API key in its address",
                do=f"send it as the header {trial.dialect.key_header}, and as nothing else",
                why="addresses are written down in the logs of servers and proxies, and in error messages",
            )

    def test_the_key_is_in_no_second_header(self, trial: Trial) -> None:
        """The API key is in one header only: in no cookie, no `User-Agent`, no `Referer`."""
        for request in _requests(trial):
            names = [name for name, value in request.headers.items() if KEY in value]
            allowed = {name.lower() for name in _key_headers(trial)}
            require(
                len(names) <= 1 and set(map(str.lower, names)) <= allowed,
                f"the request to {request.path} has the API key in {' and '.join(names)}",
                do=f"send it as the header {trial.dialect.key_header}, and as nothing else",
                why="proxies hide the headers that are known to hold keys, and log the others",
            )

    def test_nothing_is_changed_on_the_server(self, trial: Trial) -> None:
        """Every request is a GET: trailarrd reads and changes nothing."""
        for request in _requests(trial):
            require(
                request.method in ("GET", "HEAD"),
                f"{request.method} {request.path} was sent",
                do="ask with GET only",
                why="users trust trailarrd with a key that may do anything",
            )

    def test_the_url_base_is_kept(self, trial: Trial) -> None:
        """A server with a URL base is asked below it, and one without at its root."""
        for base in ("", "/arr", "/media/own-arr"):
            with trial.server(url_base=base) as server:
                for call in trial.calls:
                    trial.get(server, call, when=f"url is {server.url}")
                strays = [request.path for request in server.requests if not request.below_base]
            require(
                not strays,
                f"url is {server.url}, but {strays[:1]} was asked",
                do="put your path behind all of server.url, as in URL(server.url) / 'api/v1'; no urljoin",
                why="many servers are behind a proxy that tells them apart by their URL base",
            )

    def test_a_wrong_key_is_rejected(self, trial: Trial) -> None:
        """HTTP 401 raises `ProviderRejectedError` from every method."""
        with trial.server() as server:
            for call in trial.calls:
                must_raise(
                    call,
                    trial.ask(server, call, key="not-the-key", within=_SOON),
                    ProviderRejectedError,
                    when="the server answers 401",
                    do="raise ProviderRejectedError for the server's own 401: one with an empty body",
                    why="the user has to act: asking again and again gets an address banned",
                )

    def test_a_403_is_an_error(self, trial: Trial) -> None:
        """HTTP 403 raises an error of the contract from every method, best `ProviderResponseError`."""
        with trial.server(fault=Refusal(status=403)) as server:
            for call in trial.calls:
                must_raise(
                    call,
                    trial.ask(server, call),
                    ProviderResponseError,
                    ProviderUnavailableError,
                    ProviderRejectedError,
                    when="something in front of the server answers 403",
                    do="raise ProviderResponseError, unless your application itself refuses a key that way",
                    why="a proxy's rule heals by itself, and is not a library without items",
                )

    def test_what_opens_a_gate_is_sent(self, trial: Trial) -> None:
        """Every method gets through a proxy that wants a header of `ArrServer.headers`."""
        gate = Gate(headers={"X-Gate": "open sesame"})
        with trial.server(gate=gate) as server:
            for call in trial.calls:
                outcome = trial.ask(server, call, gate=gate)
                require(
                    outcome.error is None and not server.turned_away,
                    f"a proxy wants a header, and {call} {outcome}",
                    do="ask by the session that the API manager is built with: it sends that header itself",
                    why="many servers can be reached only through a proxy with a login",
                )

    def test_another_application_is_rejected(self, trial: Trial) -> None:
        """`system_status` raises `ProviderRejectedError` if another application answers."""
        with trial.server(fault=AnotherShape(value=trial.status("Otherarr"), phase=Phase.STATUS)) as server:
            must_raise(
                STATUS,
                trial.ask(server, STATUS),
                ProviderRejectedError,
                when=f"{trial.dialect.status_path} says that it is Otherarr",
                do="compare the name in it with the application that the provider is for",
                why="the applications have the same API: the items of one would be taken for the other's",
            )

    def test_the_status_says_who_answers(self, trial: Trial) -> None:
        """`system_status` returns a `SystemStatus` with the application's name and version."""
        with trial.server() as server:
            status = trial.get(server, STATUS)
        if not isinstance(status, SystemStatus):
            fail(
                f"system_status() returned a {type(status).__name__}",
                do="return trailarrd.plugin.SystemStatus(app_name=…, version=…)",
                why="the core proves with it that it talks to the right server",
            )
        require(
            (status.app_name, status.version) == (trial.dialect.app_name, trial.dialect.version),
            f"the server is {trial.dialect.app_name} {trial.dialect.version}, system_status() says {status}",
            do=f"take name and version from the answer to {trial.dialect.status_path}",
            why="`trailarrd connections` shows both to the user",
        )


def _key_headers(trial: Trial) -> tuple[str, str]:
    return trial.dialect.key_header, "Authorization"


def _requests(trial: Trial) -> Sequence[Asked]:
    """What a server is sent when everything is asked for once."""
    with trial.server() as server:
        for call in trial.calls:
            trial.ask(server, call)
        require(
            server.requests,
            "the server was asked for nothing",
            do="ask server.url by the session that the API manager is built with",
            why="there is nothing that could be checked",
        )
        return server.requests
