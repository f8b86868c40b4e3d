"""Whether a video is a trailer, by what a probe saw of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from trailarrd.domain.failure import Failure

_SILENCE: Final = -80.0
"""dB; the quietest trailer is some fifty louder."""
_TOLERANCE: Final = 0.03
"""By which part of its length the last picture may come before the end; at least a second."""
_UNHEARD: Final = 0.2
"""By which part of its length the sound may end before the picture; at least five seconds."""
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
    last_sound: float | None = None
    """The same of its sound; None: not measured."""
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
    return next((Defect(failure, told or failure.sentence) for failure, told in _wrong(video, limits)), None)


def _wrong(video: Video, limits: Limits) -> Iterator[tuple[Failure, str]]:
    shortest, longest = limits.shortest.total_seconds(), limits.longest.total_seconds()
    length, picture, sound = video.duration, video.last_picture, video.last_sound
    if not video.has_picture:
        yield Failure.NO_PICTURE, ""
    if not video.has_sound:
        yield Failure.NO_SOUND, ""
    if length - picture > max(1.0, _TOLERANCE * length):
        yield Failure.NOT_WHOLE, f"it says {length:.0f} s and ends after {picture:.0f} s: not whole"
    if sound is not None and picture - sound > max(5.0, _UNHEARD * length):
        yield Failure.NOT_WHOLE, f"its sound ends after {sound:.0f} of {length:.0f} s: not whole"
    if length < shortest:
        yield Failure.TOO_SHORT, f"{Failure.TOO_SHORT.sentence}: {length:.0f} s"
    if length > longest:
        yield Failure.TOO_LONG, f"{Failure.TOO_LONG.sentence}: {length:.0f} s"
    if video.height > video.width:
        yield Failure.PORTRAIT, f"{Failure.PORTRAIT.sentence}: {video.width} x {video.height}"
    if video.mean_volume is not None and video.mean_volume < _SILENCE:
        yield Failure.SILENT, ""


def is_other_than_told(video: Video, told: float | None) -> bool:
    """Whether it is so much longer or shorter than the site had said that it may be another video."""
    return told is not None and told > 0 and abs(video.duration - told) > _OTHER * told
