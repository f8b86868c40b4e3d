"""Every error that trailarrd raises on purpose, split by what the caller should do about it.

    TrailarrdError
    ├── ConfigError               the user mends trailarrd.yaml
    ├── DatabaseError             the database cannot be used now: try later, or see to it
    │   ├── LeaseLostError        another process has taken over: leave it to that one
    │   └── DatabaseTooNewError   a newer trailarrd wrote it: upgrade, or restore a backup
    ├── DaemonError               the running daemon refuses what a command asks of it, or does not answer
    ├── ListenError               an address to be asked on cannot be had: the user frees it or names another
    ├── ServiceError              systemd, its user or its unit are not to be had: the user sees to it
    ├── PluginError               a plugin's author mends it
    ├── StoppedError              what was asked for will not be done: it is no more, or we stop
    ├── ProviderError             one Arr server, one connection; never anybody else's trouble
    │   ├── ProviderUnavailableError   try again later
    │   ├── ProviderRejectedError      ask the user: wrong key, wrong application
    │   └── ProviderResponseError      an answer that cannot be used, of the server or of what is before it
    └── TransferError             one download; never its connection's trouble
        ├── TransferUnavailableError   try again later: the address, or all of its site
        ├── TransferRejectedError      ask the user: something is missing, or the site wants another account
        ├── TransferGoneError          this address never again
        ├── TransferRefusedError       this address not as things are
        └── TransferResponseError      an answer, or a file, that cannot be used

Messages are for users: lower case, no full stop, and never a secret in them.
"""

from enum import StrEnum
from typing import Final

_LONGEST_SUMMARY: Final = 500


def summary(error: BaseException) -> str:
    """Any exception in one line, cut to be shown; its own text may fail, have no end, or several lines."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # a stranger's class
        text = "its text cannot be shown"
    name = type(error).__name__
    return f"{name}: {text}"[:_LONGEST_SUMMARY] if text else name


class TrailarrdError(Exception):
    """Base of every error raised on purpose."""


class ConfigError(TrailarrdError):
    """The configuration cannot be used; the text names every mistake with file, line and column."""


class ConfigTimeoutError(ConfigError):
    """A file of the configuration lies where nobody answers now."""


class DatabaseError(TrailarrdError):
    """The database cannot be used right now (locked, read-only, full, damaged)."""


class DatabaseTooNewError(DatabaseError):
    """The database was written by a newer trailarrd than this one."""


class LeaseLostError(DatabaseError):
    """Another process has taken over what this one was at, and nothing was written."""


class DaemonError(TrailarrdError):
    """The running daemon refuses what a command asks of it, or does not answer.

    `status` is the HTTP status of its refusal, if there is one.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ListenError(TrailarrdError):
    """A socket to listen on cannot be had; the text names it and says why."""


class ServiceError(TrailarrdError):
    """What makes a service of systemd of it is not to be had; the text says what is in the way."""


class PluginError(TrailarrdError):
    """A plugin did what its contract does not allow; the cause is the plugin's own exception."""


class PluginNotLoadedError(PluginError):
    """A connection's provider is not there; the text says why, as was told when it was not loaded."""


class Suspect(StrEnum):
    """What to look at after an error of a provider, where it is known.

    Given as `suspect` to one of the three errors, it makes `trailarrd check` name the setting::

        raise ProviderRejectedError("the server refuses the API key", suspect=Suspect.KEY)
    """

    ADDRESS = "address"
    """`url`: another path, a page or a redirect instead of the API."""
    APPLICATION = "application"
    """`provider`: another application answers."""
    CERTIFICATE = "certificate"
    """`ca_file`: the server's certificate is not trusted."""
    CLIENT_CERTIFICATE = "client-certificate"
    """The server wants one of us."""
    EXPIRED = "expired"
    """The server's certificate is too old, or too new."""
    FORBIDDEN = "forbidden"
    """Something in front of the server lets nobody through."""
    KEY = "key"
    """`api_key`: the server refuses it."""
    LOGIN = "login"
    """`headers` and `basic`: something in front of the server wants a login."""
    OTHER_NAME = "other-name"
    """The host in `url`: the server's certificate is for another one."""
    TLS = "tls"
    """The port in `url`: no TLS is spoken there."""
    TOO_OLD = "too-old"
    """Server or host, as no version of TLS is known to both."""
    UNKNOWN_NAME = "unknown-name"
    """The host in `url`: whoever answers there knows no such server."""


class StoppedError(TrailarrdError):
    """What was asked for will not happen, as whoever would do it has stopped for good."""


class ProviderError(TrailarrdError):
    """Something between us and one Arr server went wrong: the base of three, and never raised itself.

    The text is for the user of that one connection: lower case, no full stop, what is wrong and what to
    do, and nothing secret. `raise … from None` keeps a cause out of the traceback that knows headers.
    """

    def __init__(self, message: str, *, suspect: Suspect | None = None, actual: str | None = None) -> None:
        super().__init__(message)
        self.suspect = suspect
        """What to look at, where that is known: the doctor tells it by a code of its own."""
        self.actual = actual
        """What the server itself says is so instead: its URL if that is suspected, or its application."""


class ProviderUnavailableError(ProviderError):
    """The server does not answer, or says that it cannot just now: try again later.

    No connection, a time-out, HTTP 408, 425, 429 and 5xx. It is tried again by itself. `retry_after` is
    the number of seconds that the server asked us to wait, if it did::

        raise ProviderUnavailableError("no answer from nas:7878 within 30 s", retry_after=60) from None
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, suspect: Suspect | None = None
    ) -> None:
        super().__init__(message, suspect=suspect)
        self.retry_after = retry_after


class ProviderRejectedError(ProviderError):
    """The server itself refuses us (wrong key) or is not what was configured: ask the user.

    Its own HTTP 401, another application. What stands in front of a server, and says 401 with a page or
    a `WWW-Authenticate`, or 403, heals by itself: that is a `ProviderResponseError`. After this error the
    server is asked who it is after 1, 10 and 60 minutes, then daily, and nothing else until it takes us.
    """


class ProviderResponseError(ProviderError):
    """The server answered, but not with something that can be used as a complete answer.

    Half an answer, HTML, a redirect, JSON of another shape; a login or a certificate in between. Nothing
    is changed, and it is asked again by itself: after half a minute, then ever less often.
    """


class Barrier(StrEnum):
    """What stands between us and a video that is there: the `because` of a `TransferRefusedError`."""

    AGE = "age"
    """The site shows it to grown-ups only: cookies of an account may help."""
    REGION = "region"
    """The site does not show it in this country: a proxy may help."""
    MEMBERS = "members"
    """The site shows it to those who pay."""
    LIVE = "live"
    """It is being broadcast, or will be: there is nothing whole to bring yet."""
    FORMAT = "format"
    """The site has it in no form that could be used."""
    SIZE = "size"
    """It is larger than `download.max_size`."""
    LENGTH = "length"
    """It is shorter or longer than `download.length`."""
    SHAPE = "shape"
    """Its picture is higher than wide."""
    PRIVATE_ADDRESS = "private-address"
    """It is no host of the public internet, and nobody allowed such."""


class TransferError(TrailarrdError):
    """Something went wrong with one download: the base of five, and never raised itself.

    The text is for the user: lower case, no full stop, what is wrong and what to do, and nothing secret.
    """


class TransferUnavailableError(TransferError):
    """No answer, or one that says "not now": it is tried again by itself.

    A time-out, a connection that was cut, HTTP 408, 425 and 5xx. `site_wide` says that nothing of that site
    will come for a while, as with HTTP 429 or "confirm that you are not a bot": the site is left alone for an
    hour and longer, and no item's attempt is counted. `retry_after` is the number of seconds that the site
    asked us to wait, if it did::

        raise TransferUnavailableError("archive.example asks us to wait", retry_after=60, site_wide=True)
    """

    def __init__(self, message: str, *, retry_after: float | None = None, site_wide: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.site_wide = site_wide


class TransferRejectedError(TransferError):
    """Only the user helps: a program is missing, cookies are of no use, the site wants another account.

    Nothing more is asked of that site until the configuration, or what the downloader works with, is another.
    No item's attempt is counted.
    """


class TransferGoneError(TransferError):
    """The site itself says that there is no such video, or never for anybody: removed, private, protected.

    That address is never asked again for this item, unless the user gives it anew.
    """


class TransferRefusedError(TransferError):
    """The video is there, and not for us as things are; `because` says what would have to change::

    raise TransferRefusedError("it is broadcast just now", because=Barrier.LIVE)
    """

    def __init__(self, message: str, *, because: Barrier) -> None:
        super().__init__(message)
        self.because = because


class TransferResponseError(TransferError):
    """What came cannot be used: a page in place of a video, half a file, two files.

    It is tried again by itself, ever less often.
    """
