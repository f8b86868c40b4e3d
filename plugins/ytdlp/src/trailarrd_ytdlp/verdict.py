"""What yt-dlp says went wrong, as an error of the contract: which decides who waits for what."""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trailarrd.plugin import (
    Barrier,
    TransferError,
    TransferGoneError,
    TransferRefusedError,
    TransferRejectedError,
    TransferResponseError,
    TransferUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST: Final = 300


def _gone(text: str) -> TransferError:
    return TransferGoneError(text)


def _site_wide(text: str) -> TransferError:
    advice = "it may help to wait, or to set cookies or a proxy under download"
    return TransferUnavailableError(f"{text}: {advice}", site_wide=True)


def _cookies(text: str) -> TransferError:
    return TransferRejectedError(
        f"{text}: export the cookies anew, as a file of Netscape's form, for download.options.ytdlp.cookies"
    )


def _response(text: str) -> TransferError:
    return TransferResponseError(text)


def _account(text: str) -> TransferError:
    return TransferRefusedError(f"{text}: the site wants an account", because=Barrier.MEMBERS)


def _refused(because: Barrier) -> Callable[[str], TransferError]:
    return lambda text: TransferRefusedError(text, because=because)


def _live() -> TransferError:
    return TransferRefusedError("it is live, or has yet to begin", because=Barrier.LIVE)


def _too_large() -> TransferError:
    return TransferRefusedError("it is larger than download.max_size", because=Barrier.SIZE)


class Row(NamedTuple):
    """One thing that it may say."""

    pattern: re.Pattern[str]
    error: Callable[[str], TransferError]


def _rows(*pairs: tuple[str, Callable[[str], TransferError]]) -> tuple[Row, ...]:
    return tuple(Row(re.compile(pattern, re.IGNORECASE), error) for pattern, error in pairs)


TABLE: Final = _rows(
    (r"does not look like a Netscape format|must be Netscape formatted", _cookies),
    (r"cookies are no longer valid", _cookies),
    (r"not a bot|captcha|try again later|too many requests|rate.?limit|unusual traffic", _site_wide),
    (r"confirm your age|age.?restricted|inappropriate for some users", _refused(Barrier.AGE)),
    (
        r"members.only|channel.s members|join this channel|requires payment|\bpremium",
        _refused(Barrier.MEMBERS),
    ),
    (r"(in|from) your (country|location|region)|geo.?restrict", _refused(Barrier.REGION)),
    (r"premieres in|will begin in|live event|is not currently live|offline", _refused(Barrier.LIVE)),
    (r"private video|video is private|has been removed|been terminated|no longer available", _gone),
    (r"video (is )?(unavailable|not available)|does not exist|deleted|DRM", _gone),
    (r"login required|log ?in to|sign in|registered users|account (credentials|cookies)", _account),
    (r"\[Errno 27\]|File is larger than max|exited with code -25\b", _refused(Barrier.SIZE)),
    (r"Unsupported URL|no video formats found|Unable to extract|no video in", _response),
)
"""The first that fits. Nobody knows all that it may say: what fits nowhere is tried later."""

_KINDS: Final[Mapping[str, Callable[[str], TransferError]]] = {
    "PrivateAddress": _refused(Barrier.PRIVATE_ADDRESS),
    "GeoRestrictedError": _refused(Barrier.REGION),
    "UnsupportedError": _response,
}
_STATUSES: Final[Mapping[int, Callable[[str], TransferError]]] = {
    401: _account,
    402: _account,
    404: _gone,
    410: _gone,
    451: _refused(Barrier.REGION),
}
_FORBIDDEN: Final = 403
_TOO_MANY_REQUESTS: Final = 429
_INSTALL: Final = "run \"pip install 'trailarrd-ytdlp[engine]'\", or 'trailarrd downloaders update ytdlp'"
_OF_DATA: Final = "unable to download video data"
_NO_FORMAT: Final = re.compile(r"Requested format is not available|Only images are available", re.IGNORECASE)
_NO_MERGER: Final = re.compile(
    r"ffmpeg (is )?not (installed|found)|ffprobe and ffmpeg not found", re.IGNORECASE
)
_DECORATION: Final = re.compile(
    r"^\[[\w:+.-]+\] (?:[\w-]{4,}: )?|;? ?please report this issue on .*|\. ?(?:Use|Aborting due to) --.*"
    r"| \(caused by .*\)$",
    re.DOTALL,
)


def needs_runtime(word: Mapping[str, Any]) -> bool:
    """Whether it is one that a missing JavaScript runtime explains."""
    return bool(_NO_FORMAT.search(str(word.get("error"))))


def error_of(word: Mapping[str, Any], *, has_runtime: bool = True) -> Exception:
    """The error of the contract for a child's last word; for a full disk, that of the system."""
    said = str(word.get("error") or "")
    text = f"yt-dlp says: {_plain(said)}"
    if (disk := word.get("errno")) in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return OSError(disk, "the work folder's disk takes no more")
    if disk == errno.EFBIG:
        return _too_large()
    return _by_kind(word, text) or _by_status(word, text) or _by_text(said, text, has_runtime=has_runtime)


def _by_kind(word: Mapping[str, Any], text: str) -> TransferError | None:
    """What is known without a look at the words."""
    match word.get("cause"):
        case "Refused":
            return _live() if word.get("error") == "live" else _too_large()
        case "NoEngine":
            return TransferRejectedError(f"{word.get('error')}: {_INSTALL}")
        case "Died":
            return TransferUnavailableError(f"yt-dlp ended with {word.get('code')}: {_plain(text)}")
    known = _KINDS.get(str(word.get("cause")))
    return known(text) if known else None


def _by_status(word: Mapping[str, Any], text: str) -> TransferError | None:
    """What a site's status means; 403 for data twice, from addresses made for us, that we are not wanted."""
    status = word.get("status")
    if not isinstance(status, int):
        return None
    if status == _FORBIDDEN and _OF_DATA in text:
        return _site_wide(text)
    if known := _STATUSES.get(status):
        return known(text)
    return TransferUnavailableError(
        text, retry_after=word.get("retry_after"), site_wide=status == _TOO_MANY_REQUESTS
    )


def _by_text(said: str, text: str, *, has_runtime: bool) -> TransferError:
    if _NO_FORMAT.search(said):
        if has_runtime:
            return TransferRefusedError(text, because=Barrier.FORMAT)
        return TransferRejectedError(
            f"{text}: no JavaScript runtime works here, which this site needs; see 'trailarrd check'"
        )
    if _NO_MERGER.search(said):
        return TransferRejectedError(f"{text}: install ffmpeg")
    for row in TABLE:
        if row.pattern.search(said):
            return row.error(text)
    return TransferUnavailableError(text)


def _plain(said: str) -> str:
    """Its words without whose extractor they are of, and without what to do on its command line."""
    return " ".join(_DECORATION.sub("", said).split())[:_LONGEST] or "nothing"
