"""What a video file holds, as ffprobe and ffmpeg see it: children that are killed with all of theirs."""

import asyncio
import json
import os
import re
import shutil
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from trailarrd.domain.failure import Failure
from trailarrd.domain.video import Video

TOOLS: Final = ("ffprobe", "ffmpeg")
PATIENCE: Final = 120.0
"""Seconds for each look; reading 300 MiB from a slow disk takes a few."""
_MOST_OUTPUT: Final = 64 * 2**20
_VOLUME: Final = re.compile(r"mean_volume: (-?[\d.]+|-inf) dB")
_QUARTER: Final = 90
_BEYOND: Final = timedelta(minutes=1)
_ENVIRONMENT: Final = ("PATH", "LANG", "LD_LIBRARY_PATH")
"""What they are given of ours: there may be keys in the rest."""
# A file may be a playlist that names others: nothing but files is read, and the name is never an option.
_ONLY_FILES: Final = ("-protocol_whitelist", "file,crypto,data")


class ProbeError(Exception):
    """It cannot be looked at: `failure` says whose trouble that is."""

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure = failure


def require_tools() -> None:
    """Raise `ProbeError` unless they are there: what comes could not be looked at."""
    if missing := missing_tools():
        raise ProbeError(Failure.TOOLS, f"not found: {', '.join(missing)}; see 'trailarrd check'")


def missing_tools() -> list[str]:
    return [tool for tool in TOOLS if shutil.which(tool) is None]


async def probe(file: Path, longest: timedelta, *, patience: float = PATIENCE) -> Video:
    """Look at a file; the header's word on the length is not believed: the packets are counted, too.

    What lies behind a minute more than `longest` is not.

    Raises:
        ProbeError: it is no video, or the tools are not there or take too long.
    """
    told = await _asked(file, longest + _BEYOND, patience)
    streams = told.get("streams", [])
    pictures = [one for one in streams if _is_picture(one)]
    sounds = [one for one in streams if one.get("codec_type") == "audio"]
    duration = _number(told.get("format", {}).get("duration"))
    if not pictures:
        return Video(duration=duration, last_picture=duration, has_picture=False, has_sound=bool(sounds))
    width, height = _shown(pictures[0])
    last = _last(told, pictures[0])
    return Video(
        duration=duration or last,
        last_picture=last,
        width=width,
        height=height,
        has_sound=bool(sounds),
        last_sound=_last(told, sounds[0]) if sounds else None,
        mean_volume=await _volume(file, patience) if sounds else None,
    )


def _is_picture(stream: dict[str, Any]) -> bool:
    """Cover art is none."""
    is_cover = stream.get("disposition", {}).get("attached_pic")
    return stream.get("codec_type") == "video" and not is_cover


def _shown(picture: dict[str, Any]) -> tuple[int, int]:
    """Width and height as players turn it."""
    size = int(picture.get("width") or 0), int(picture.get("height") or 0)
    turns = [int(_number(one.get("rotation"))) for one in picture.get("side_data_list", [])]
    is_on_its_side = any(abs(turn) % (2 * _QUARTER) == _QUARTER for turn in turns)
    return (size[1], size[0]) if is_on_its_side else size


def _last(told: dict[str, Any], stream: dict[str, Any]) -> float:
    """Seconds from the stream's first packet to its last one."""
    packets = (one for one in told.get("packets", []) if one.get("stream_index") == stream["index"])
    times = [_number(one["pts_time"]) for one in packets if "pts_time" in one]
    return max(times) - min(times) if times else 0.0


async def _volume(file: Path, patience: float) -> float | None:
    _, told = await _run(
        *("ffmpeg", "-nostdin", "-hide_banner", "-v", "info", *_ONLY_FILES, "-vn", "-sn", "-dn"),
        *("-i", f"file:{file}", "-map", "0:a:0", "-af", "volumedetect", "-f", "null", "-"),
        patience=patience,
    )
    found = _VOLUME.search(told.decode(errors="replace"))
    return float(found[1]) if found else None


async def _asked(file: Path, until: timedelta, patience: float) -> dict[str, Any]:
    """Container, streams and when each packet is to be shown, up to that moment."""
    packets = ("-show_entries", "packet=stream_index,pts_time")
    told, _ = await _run(
        *("ffprobe", "-v", "error", *_ONLY_FILES, "-of", "json=compact=1", "-show_format", "-show_streams"),
        *("-read_intervals", f"%+{until.total_seconds():g}", *packets, f"file:{file}"),
        patience=patience,
    )
    try:
        answer = json.loads(told)
    except ValueError:
        raise ProbeError(Failure.NO_VIDEO, "ffprobe makes no sense of it") from None
    return answer if isinstance(answer, dict) else {}


async def _run(*command: str, patience: float) -> tuple[bytes, bytes]:
    """What it says on both lines; it is gone, with all that it began, whichever way this ends."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,
            limit=_MOST_OUTPUT,
        )
    except OSError as error:
        raise ProbeError(Failure.TOOLS, f"{command[0]} cannot be run: {error.strerror}") from None
    try:
        async with asyncio.timeout(patience):
            told, wrong = await process.communicate()
    except TimeoutError:
        raise ProbeError(Failure.TOO_SLOW, f"{command[0]} took longer than {patience:g} s") from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())
    if process.returncode:
        raise ProbeError(Failure.NO_VIDEO, f"{command[0]} does not take it for a video")
    return told, wrong


def _number(text: object) -> float:
    try:
        return float(text)  # type: ignore[arg-type]  # whatever stands there
    except (TypeError, ValueError):
        return 0.0
