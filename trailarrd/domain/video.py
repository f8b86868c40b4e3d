"""Whether a video is a trailer, by what a probe saw of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from trailarrd.domain.failure import Failure

_SILENCE: Final = -80.0
"""dB; the quietest trailer is some fifty louder."""
_TOLERANCE: Final = 0.03
"""By which part of its length the last picture may come before the end; at least a second."""
_OTHER: Final = 0.4
"""By which part of what the site told the length may differ before it is worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """What a file holds."""

    duration: float
    """Seconds, as its header says."""
    last_picture: float
    """Seconds from its first picture to the last one that is there."""
    width: int = 0
    """As it is shown; 0 without a picture."""
    height: int = 0
    has_picture: bool = True
    has_sound: bool = True
    mean_volume: float | None = None
    """dB; None: not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a trailer may be like."""

    shortest: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=5)
    max_bytes: int = 300 * 2**20


class Defect(NamedTuple):
    """Why it is none, in detail."""

    failure: Failure
    told: str


def judge(video: Video, limits: Limits) -> Defect | None:
    """What is wrong with it; None: nothing."""
    failure = next((failure for failure in _wrong(video, limits)), None)
    if failure is None:
        return None
    return Defect(failure, _DETAILS.get(failure, "{0.sentence}").format(failure, video=video))


def _wrong(video: Video, limits: Limits) -> list[Failure]:
    shortest, longest = limits.shortest.total_seconds(), limits.longest.total_seconds()
    missing = video.duration - video.last_picture
    found = (
        (not video.has_picture, Failure.NO_PICTURE),
        (not video.has_sound, Failure.NO_SOUND),
        (missing > max(1.0, _TOLERANCE * video.duration), Failure.NOT_WHOLE),
        (video.duration < shortest, Failure.TOO_SHORT),
        (video.duration > longest, Failure.TOO_LONG),
        (video.height > video.width, Failure.PORTRAIT),
        (video.mean_volume is not None and video.mean_volume < _SILENCE, Failure.SILENT),
    )
    return [failure for is_so, failure in found if is_so]


_DETAILS: Final = {
    Failure.NOT_WHOLE: "it says {video.duration:.0f} s and ends after {video.last_picture:.0f} s: not whole",
    Failure.TOO_SHORT: "{0.sentence}: {video.duration:.0f} s",
    Failure.TOO_LONG: "{0.sentence}: {video.duration:.0f} s",
    Failure.PORTRAIT: "{0.sentence}: {video.width} x {video.height}",
}


def is_other_than_told(video: Video, told: float | None) -> bool:
    """Whether it is so much longer or shorter than the site had said that it may be another video."""
    return told is not None and told > 0 and abs(video.duration - told) > _OTHER * told
