"""Redirects: somebody else may be at the other end."""

from trailarrd.plugin import ProviderRejectedError, ProviderResponseError
from trailarrd.testing.asked import Asked
from trailarrd.testing.contract.trial import KEY, Trial
from trailarrd.testing.contract.verdict import must_raise, require
from trailarrd.testing.faults import LoginRedirect, RedirectElsewhere


class RedirectChecks:
    """Redirects: to another host, to a login page."""

    def test_the_key_does_not_follow_a_redirect(self, trial: Trial) -> None:
        """The API key is never sent where a redirect leads to."""
        with trial.server() as other:
            for status in (301, 302, 307, 308):
                fault = RedirectElsewhere(url=other.origin, status=status)
                with trial.server(fault=fault) as server:
                    for call in trial.calls:
                        trial.ask(server, call)
                    told = [request for request in other.requests if _has_key(request)]
                    require(
                        not told,
                        f"the server answers {status} with another host, and that host was sent the API key",
                        do="send each request with allow_redirects=False, and the key with the request,"
                        " not with the session",
                        why="whoever can answer in the server's place gets a key that may do anything",
                    )

    def test_a_redirect_elsewhere_is_an_error(self, trial: Trial) -> None:
        """A redirect to another host raises, even if a good answer is to be had there."""
        with (
            trial.server() as other,
            trial.server(fault=RedirectElsewhere(url=other.origin)) as server,
        ):
            for call in trial.calls:
                must_raise(
                    call,
                    trial.ask(server, call),
                    ProviderResponseError,
                    ProviderRejectedError,
                    when="the server redirects to another host",
                    do="follow no redirect; say in the error where it leads, without its query",
                    why="the user has to put the final address into url; the key must not travel by itself",
                )

    def test_a_redirect_to_a_login_is_an_error(self, trial: Trial) -> None:
        """A redirect to the same server's login page raises; the page is not taken for an answer."""
        with trial.server(fault=LoginRedirect()) as server:
            for call in trial.calls:
                must_raise(
                    call,
                    trial.ask(server, call),
                    ProviderResponseError,
                    ProviderRejectedError,
                    when="the server redirects to its login page",
                    do="follow no redirect, and raise ProviderResponseError",
                    why="a path outside of the API is answered that way: url has a wrong URL base",
                )


def _has_key(request: Asked) -> bool:
    return KEY in request.target or any(KEY in value for value in request.headers.values())
