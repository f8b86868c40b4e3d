"""The API key, wherever it might show itself."""

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, Final

from aiohttp import ClientSession

from trailarrd.config.masking import secrets_in
from trailarrd.plugin import ApiManager, Timeouts
from trailarrd.testing.asked import Phase
from trailarrd.testing.content_faults import BrokenJson, CutGzip, TrailingGarbage
from trailarrd.testing.contract.calls import Call
from trailarrd.testing.contract.odd_answers import AnotherShape, RepeatedKey
from trailarrd.testing.contract.trial import KEY, Refused, Trial
from trailarrd.testing.contract.verdict import require
from trailarrd.testing.faults import (
    Fault,
    Latency,
    LoginPage,
    LoginRedirect,
    RedirectElsewhere,
    Refusal,
    Reset,
    ServerError,
    Stall,
    Truncated,
)

_FAULTS: Final[tuple[Fault, ...]] = (
    Refusal(status=401),
    Refusal(status=404),
    Refusal(status=429),
    ServerError(),
    ServerError(status=503),
    LoginPage(),
    LoginRedirect(),
    RedirectElsewhere(url="http://elsewhere.invalid"),
    Reset(),
    Truncated(),
    BrokenJson(),
    CutGzip(),
    TrailingGarbage(),
    AnotherShape(value=17),
    Latency(seconds=30),
    Stall(seconds=30, phase=Phase.LIST),
)
_SHORT: Final = Timeouts(connect=1.0, first_byte=0.1, stall=0.1)
_WHY: Final = "errors and logs are shown on web pages, sent as notifications and pasted into forums"


class SecretChecks:
    """Secrets: the key in errors, tracebacks, reprs, logs and output."""

    def test_no_error_tells_the_key(self, trial: Trial) -> None:
        """No error has the API key in its text, its repr or its arguments, whatever goes wrong."""
        for fault, call, error in _errors(trial, _FAULTS):
            require(
                not shows_a_secret(
                    trial, f"{error} {error!r} {error.args!r} {getattr(error, '__notes__', '')}"
                ),
                f"the {type(error).__name__} of {call} tells the API key, when this goes wrong: {fault}",
                do="say in your own words what happened, without headers and without the address's query",
                why=_WHY,
            )

    def test_no_traceback_tells_the_key(self, trial: Trial) -> None:
        """No error's traceback has the API key in it, causes and contexts included."""
        for fault, call, error in _errors(trial, _FAULTS):
            require(
                not shows_a_secret(trial, "".join(traceback.format_exception(error)) + _chain(error)),
                f"the traceback of {call} tells the API key, when this goes wrong: {fault}",
                do="`raise ProviderUnavailableError(…) from None` for what the HTTP client raised",
                why=_WHY,
            )

    def test_what_the_server_says_is_cleaned(self, trial: Trial) -> None:
        """An error that quotes the server's words does not repeat the API key from them."""
        faults = [RepeatedKey(key=KEY, status=status) for status in (200, 302, 400, 401, 404, 500, 503)]
        for fault, call, error in _errors(
            trial, [*faults, AnotherShape(value=trial.status(f"Arr {KEY}"), phase=Phase.STATUS)]
        ):
            require(
                not shows_a_secret(trial, f"{error} {error!r}"),
                f"{call} repeats the API key from the server's answer ({fault})",
                do="quote the server only after replacing the key: text.replace(api_key.reveal(), '***')",
                why="proxies answer errors with the request that they got; " + _WHY,
            )

    def test_no_broken_record_tells_the_key(self, trial: Trial) -> None:
        """No `reason` of a `BrokenRecord`, and no exception of the parser, has the API key in it."""
        title = trial.dialect.fields.title
        listed = [{**trial.samples[0], "id": 1, title: value} for value in ([17], "", None)]
        seen = [trial.parse(record) for record in trial.decoded([*listed, None])]
        for reason in (one.reason for one in seen if isinstance(one, Refused)):
            require(
                not shows_a_secret(trial, reason),
                "the reason for which a record is refused tells the API key",
                do="say what is wrong with the record, and nothing of how it was asked for",
                why="reasons are logged, and shown on web pages; " + _WHY,
            )

    def test_no_repr_tells_the_key(self, trial: Trial) -> None:
        """The API manager's repr, its attributes' and its class's do not tell the API key."""

        async def shown(api: ApiManager[Any], _session: ClientSession) -> str:
            for call in trial.calls:
                await call.ask(api)
            owned = [*vars(api).values()] if hasattr(api, "__dict__") else []
            return " ".join([repr(api), str(api), *map(repr, owned), repr(vars(type(api)))])

        with trial.server() as server:
            text = trial.run(server.url, shown)
        require(
            not shows_a_secret(trial, text),
            "the API key is to be seen in the repr of the API manager or of one of its attributes",
            do="keep server.api_key as the Secret that it is; call reveal() only where the request is sent",
            why="reprs end in logs and in tracebacks; " + _WHY,
        )

    def test_nothing_is_written_that_tells_the_key(self, trial: Trial) -> None:
        """No log record of any level, and nothing on stdout or stderr, has the API key in it."""
        with _everything_written() as written:
            _errors(trial, (Refusal(status=401), ServerError(), Reset(), LoginPage()))
            with trial.server() as server:
                trial.read(server)
        require(
            not shows_a_secret(trial, written.getvalue()),
            "the API key was logged or printed",
            do="log no headers and no requests; what is to be said belongs into the error",
            why=_WHY,
        )


def _errors(trial: Trial, faults: tuple[Fault, ...] | list[RepeatedKey | AnotherShape]) -> Any:
    """Every error that these faults provoke; with the call that raised it."""
    found: list[tuple[Fault, Call, Exception]] = []
    with trial.server() as server:
        for fault in faults:
            server.fault = fault
            for call in trial.calls:
                if fault.phase in (None, call.phase) and call.phase in fault.phases:
                    outcome = trial.ask(server, call, timeouts=_SHORT)
                    if outcome.error is not None:
                        found.append((fault, call, outcome.error))
    return found


def _chain(error: BaseException | None) -> str:
    """What causes and contexts say; one that was cut off by `from None` is not looked at by anybody."""
    said = []
    while error is not None:
        said.append(repr(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return " ".join(said)


def shows_a_secret(trial: Trial, text: str) -> bool:
    """Whether the API key is in it, or a secret of the provider's own options."""
    secrets = [secret.reveal() for secret in secrets_in(trial.options)]
    return any(secret in text for secret in (KEY, *secrets) if secret)


@contextmanager
def _everything_written() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(written), redirect_stderr(written):
            yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
