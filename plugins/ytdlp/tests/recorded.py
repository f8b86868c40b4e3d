"""What yt-dlp said, line by line as it said it, and what each line has to mean."""

from __future__ import annotations

from typing import Final, NamedTuple

from trailarrd.plugin import (
    Barrier,
    TransferError,
    TransferGoneError,
    TransferRefusedError,
    TransferRejectedError,
    TransferResponseError,
    TransferUnavailableError,
)


class Line(NamedTuple):
    """One of them."""

    error: str
    means: type[TransferError]
    because: Barrier | None = None
    site_wide: bool = False
    status: int | None = None
    cause: str = "ExtractorError"


GONE: Final = TransferGoneError
LATER: Final = TransferUnavailableError
REFUSED: Final = TransferRefusedError

LINES: Final = {
    "not a bot": Line(
        "[youtube] aqz-KE-bpKQ: Sign in to confirm you’re not a bot. Use --cookies-from-browser or --cookies for"
        " the authentication. See  https://github.com/yt-dlp/yt-dlp/wiki/FAQ#how-do-i-pass-cookies-to-yt-dlp  for"
        " how to manually pass cookies.",
        LATER,
        site_wide=True,
    ),
    "rate": Line(
        "[youtube] aqz-KE-bpKQ: Video unavailable. This content isn't available, try again later. Your account"
        " has been rate-limited by YouTube for up to an hour.",
        LATER,
        site_wide=True,
    ),
    "content": Line(
        "[youtube] aqz-KE-bpKQ: This content isn't available, try again later.",
        LATER,
        site_wide=True,
    ),
    "captcha": Line("[vimeo] 12345: The site asks for a captcha", LATER, site_wide=True),
    "429": Line(
        "[generic] Unable to download webpage: HTTP Error 429: Too Many Requests (caused by <HTTPError 429: Too"
        " Many Requests>)",
        LATER,
        site_wide=True,
        status=429,
        cause="HTTPError",
    ),
    "403 of data": Line(
        "unable to download video data: HTTP Error 403: Forbidden",
        LATER,
        site_wide=True,
        status=403,
        cause="HTTPError",
    ),
    "403 of a page": Line(
        "[generic] Unable to download webpage: HTTP Error 403: Forbidden",
        LATER,
        status=403,
        cause="HTTPError",
    ),
    "503": Line("[generic] Unable to download webpage: HTTP Error 503", LATER, status=503, cause="HTTPError"),
    "401": Line("HTTP Error 401: Unauthorized", REFUSED, Barrier.MEMBERS, status=401, cause="HTTPError"),
    "404": Line("HTTP Error 404: Not Found", GONE, status=404, cause="HTTPError"),
    "451": Line("HTTP Error 451", REFUSED, Barrier.REGION, status=451, cause="HTTPError"),
    "age": Line(
        "[youtube] aqz-KE-bpKQ: Sign in to confirm your age. This video may be inappropriate for some users. Use"
        " --cookies-from-browser or --cookies for the authentication.",
        REFUSED,
        Barrier.AGE,
    ),
    "region": Line(
        "[youtube] aqz-KE-bpKQ: Video unavailable. The uploader has not made this video available in your country",
        REFUSED,
        Barrier.REGION,
    ),
    "region by class": Line(
        "This video is not available from your location due to geo restriction. You might want to use a VPN",
        REFUSED,
        Barrier.REGION,
        cause="GeoRestrictedError",
    ),
    "members": Line(
        "[youtube] aqz-KE-bpKQ: Join this channel to get access to members-only content like this video, and"
        " other exclusive perks.",
        REFUSED,
        Barrier.MEMBERS,
    ),
    "level": Line(
        "[youtube] aqz-KE-bpKQ: This video is available to this channel's members on level: Gold (or any higher"
        " level).",
        REFUSED,
        Barrier.MEMBERS,
    ),
    "rent": Line("[youtube] aqz-KE-bpKQ: This video requires payment to watch", REFUSED, Barrier.MEMBERS),
    "registered": Line(
        "[niconico] sm9: This video is only available for registered users. Use --cookies",
        REFUSED,
        Barrier.MEMBERS,
    ),
    "premiere": Line("[youtube] aqz-KE-bpKQ: Premieres in 3 hours", REFUSED, Barrier.LIVE),
    "upcoming": Line("[youtube] aqz-KE-bpKQ: This live event will begin in 2 days.", REFUSED, Barrier.LIVE),
    "private": Line(
        "[youtube] aqz-KE-bpKQ: Private video. Sign in if you've been granted access to this video", GONE
    ),
    "removed": Line(
        "[youtube] aqz-KE-bpKQ: Video unavailable. This video has been removed by the uploader", GONE
    ),
    "terminated": Line(
        "[youtube] aqz-KE-bpKQ: Video unavailable. This video is no longer available because the YouTube account"
        " associated with this video has been terminated.",
        GONE,
    ),
    "unavailable": Line("[youtube] aaaaaaaaaaa: Video unavailable", GONE),
    "drm": Line("[youtube] aqz-KE-bpKQ: This video is DRM protected", GONE),
    "cookies": Line(
        "'cookies.txt' does not look like a Netscape format cookies file",
        TransferRejectedError,
        cause="LoadError",
    ),
    "cookies in JSON": Line(
        "Cookies file must be Netscape formatted, not JSON. See  https://github.com/yt-dlp/yt-dlp/wiki/FAQ",
        TransferRejectedError,
        cause="LoadError",
    ),
    "cookies rotated": Line(
        "[youtube] The provided YouTube account cookies are no longer valid. They have likely been rotated in the"
        " browser as a security measure.",
        TransferRejectedError,
    ),
    "too large": Line("[Errno 27] File too large", REFUSED, Barrier.SIZE, cause="OSError"),
    "too large for ffmpeg": Line(
        "ffmpeg exited with code -25", REFUSED, Barrier.SIZE, cause="PostProcessingError"
    ),
    "no ffmpeg": Line(
        "You have requested merging of multiple formats but ffmpeg is not installed. Aborting due to"
        " --abort-on-error",
        TransferRejectedError,
    ),
    "page": Line(
        "Unsupported URL: http://127.0.0.1/page.html", TransferResponseError, cause="UnsupportedError"
    ),
    "page of a site": Line("[vimeo] 12345: Unable to extract info section", TransferResponseError),
    "no network": Line(
        "Unable to download webpage: [Errno 111] Connection refused (caused by TransportError('…'))",
        LATER,
        cause="TransportError",
    ),
    "cut": Line("80000 bytes read, 120000 more expected. Giving up after 3 retries", LATER, cause="NoneType"),
    "never heard": Line("[youtube] aqz-KE-bpKQ: The moon is in the wrong house", LATER),
}
NO_FORMAT: Final = "[youtube] aqz-KE-bpKQ: Requested format is not available. Use --list-formats for a list of available formats"
