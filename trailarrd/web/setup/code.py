"""The code by which whoever reads the log shows that the host is his; good once, and not for long."""

import hmac
import secrets
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger()

_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""Thirty-two that nobody mistakes for another: five bits each, and sixteen of them."""
_GROUPS: Final = 4
_LASTS: Final = 30 * 60.0
_TRIES: Final = 5


class SetupCode:
    """The log hears each one; after its time, its tries or its use there is another."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._text = ""
        self._made_at = 0.0
        self._tries = 0
        self._cookies: set[str] = set()

    def renew(self) -> None:
        """Make another if this one is good for nothing any more."""
        if self._text and self._tries < _TRIES and self._clock() - self._made_at < _LASTS:
            return
        letters = [secrets.choice(_LETTERS) for _ in range(4 * _GROUPS)]
        self._text = "-".join("".join(letters[at : at + 4]) for at in range(0, len(letters), 4))
        self._made_at, self._tries = self._clock(), 0
        log.warning("setup.code", code=self._text, minutes=int(_LASTS // 60))

    def admit(self, text: str) -> str | None:
        """A token for the cookie of whoever says the right one; None for whoever does not."""
        self.renew()
        self._tries += 1
        given = "".join(one for one in text.upper() if one in _LETTERS)
        if not hmac.compare_digest(given, self._text.replace("-", "")):
            self.renew()
            return None
        self._text = ""
        token = secrets.token_urlsafe(32)
        self._cookies = {token}  # whoever came before has let go of it
        return token

    def knows(self, token: str) -> bool:
        """Whether a browser shows what it was given."""
        return any(hmac.compare_digest(token.encode(), one.encode()) for one in self._cookies)
