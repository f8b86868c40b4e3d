"""One download in a process of its own, which alone imports yt_dlp and is killed with all that it began.

Run as a file by `python -I -B`, so nothing else of this package, of trailarrd or of the user's own Python is
in it. stdin has one line of JSON, the job; its end, at whatever time, means: die. stdout has lines of JSON,
each with a `kind`: `ready`, `step`, `about`, `progress`, and at last `done` or `failed`. Whatever else is
printed by anybody goes to stderr.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import ipaddress
import json
import mmap
import os
import resource
import signal
import socket
import sys
import threading
import time
import urllib.parse
from pathlib import Path
from typing import Any, Final

_EVERY: Final = 0.5
"""Seconds between two words of progress: yt-dlp tells of every piece."""
_FORMAT: Final = "bv*+ba/b"
_FORBIDDEN: Final = 403
_OF_DISKS: Final = (errno.EFBIG, errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_OF_DATA: Final = "unable to download video data"
"""How yt-dlp says that the page was there, and the video not."""


def main() -> int:
    """Take the job, do it, say how it went."""
    lines = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)

    def tell(kind: str, **more: object) -> None:
        lines.write(json.dumps({"kind": kind, **more}) + "\n")

    job = json.loads(sys.stdin.readline() or "null")
    if job is None:
        return 1
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _confine(job)
    if job["public_only"] and not job["proxy"]:
        _only_public_sockets()
    with _engine(job, tell) as yt_dlp:
        if yt_dlp is None:
            return 1
        return Attempt(job, tell, yt_dlp).run()


def _confine(job: dict[str, Any]) -> None:
    """Work in the folder by relative names, which nothing can expand; take little of machine and disk."""
    os.chdir(job["folder"])
    with contextlib.suppress(OSError):  # a hardened service may forbid it
        os.nice(10)
    with contextlib.suppress(OSError, ValueError):  # holds for ffmpeg, too, and where no length is told
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["max_bytes"], job["max_bytes"]))
    if not may_compile():
        os.environ["DENO_V8_FLAGS"] = "--jitless"


def may_compile() -> bool:
    """Whether memory may be written and run, as by a JIT; systemd's `MemoryDenyWriteExecute` forbids it."""
    try:
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _engine(job: dict[str, Any], tell: Any) -> Any:
    """The yt_dlp of the engine's folder, if there is one, else that which is installed."""
    if job["engine"]:
        sys.path.insert(0, job["engine"])
    if job["public_only"]:
        sys.modules["curl_cffi"] = None  # type: ignore[assignment]  # its sockets cannot be watched
    try:
        yt_dlp: Any = importlib.import_module("yt_dlp")  # heavy: here and nowhere else
    except ImportError as error:
        tell("failed", error=f"yt-dlp cannot be used: {error}", cause="NoEngine")
        yield None
        return
    if job["public_only"]:
        _keep_ffmpeg_from_asking()
    tell("ready", version=yt_dlp.version.__version__)
    yield yt_dlp


def _keep_ffmpeg_from_asking() -> None:
    """It has sockets of its own, which cannot be watched; what it merges is in files."""

    def refuse(*_: object) -> None:
        raise _PrivateAddressError(f"ffmpeg would ask for it by itself, and maybe at {_PRIVATE}")

    external: Any = importlib.import_module("yt_dlp.downloader.external")
    external.FFmpegFD.real_download = refuse


class Attempt:
    """What one job comes to."""

    def __init__(self, job: dict[str, Any], tell: Any, yt_dlp: Any) -> None:
        self.job, self.tell, self.yt_dlp = job, tell, yt_dlp
        self.refused = ""
        self.last = 0.0

    def run(self) -> int:
        """A 403 in the middle is tried once more from the start, as addresses of data expire."""
        for last in (False, True):
            try:
                return self.bring()
            except Exception as error:  # noqa: BLE001  # of extractors by hundreds of people
                failure = self.failure(error)
                if last or failure["status"] != _FORBIDDEN or _OF_DATA not in failure["error"]:
                    self.tell("failed", **failure)
                    return 1
                self.tell("step", step="looking again")
        return 1

    def bring(self) -> int:
        """One try, whose last word is told."""
        with self.yt_dlp.YoutubeDL(self.options()) as ydl:
            if self.job["public_only"]:
                _only_public_addresses(ydl)
            info = ydl.extract_info(self.job["url"], download=True) or {}
            if info.get("_type") in ("playlist", "multi_video"):
                info = next(iter(info.get("entries") or []), None) or {}
        files = [file for one in info.get("requested_downloads") or () if (file := one.get("filepath"))]
        if len(files) != 1:  # a filter, or too large: neither is an error for yt-dlp
            self.tell("failed", error=self.refused or "too large", cause="Refused")
            return 1
        kept = ("title", "duration", "width", "height", "webpage_url")
        self.tell("done", file=Path(files[0]).name, **{name: info.get(name) for name in kept})
        return 0

    def options(self) -> dict[str, Any]:
        job = self.job
        languages = [f"bv*+ba[language^={language}]" for language in job["languages"]]
        return {
            "quiet": True,
            "noprogress": True,
            "logger": _Log(self.tell),
            "outtmpl": "video.%(ext)s",
            "format": "/".join([*languages, _FORMAT]),
            # sorting never leaves nothing, as filters do; H.264 and AAC play everywhere as they are
            "format_sort": [f"res:{job['height']}", "hdr:SDR", "vcodec:h264", "acodec:aac"],
            "merge_output_format": "mp4/mkv",
            "postprocessor_args": {"merger+ffmpeg_o": ["-movflags", "+faststart"]},
            "max_filesize": job["max_bytes"],
            "noplaylist": True,
            "playlist_items": "1",
            "match_filter": self.judge,
            "cachedir": job["cache"] or False,
            "cookiefile": io.StringIO(job["cookies"]) if job["cookies"] else None,
            "proxy": job["proxy"] or "",  # an empty one: nor that of an environment
            "updatetime": False,  # the day on which it was uploaded is no day of this file
            "allowed_extractors": ["default"],
            "socket_timeout": 20,
            "retries": 3,
            "fragment_retries": 3,
            "overwrites": True,
            "progress_hooks": [self.progress],
            "postprocessor_hooks": [self.step],
        }

    def judge(self, info: dict[str, Any], *, incomplete: bool = False) -> str | None:
        """Refuse what is no video yet, and tell what is known of it; no text means that it may come."""
        if info.get("is_live") or info.get("live_status") in ("is_live", "is_upcoming", "post_live"):
            self.refused = "live"
            return self.refused
        if not incomplete or info.get("duration"):
            self.tell("about", duration=info.get("duration"), title=info.get("title"))
        return None

    def progress(self, state: dict[str, Any]) -> None:
        now = time.monotonic()
        if state["status"] == "downloading" and now - self.last < _EVERY:
            return
        self.last = now
        info = state.get("info_dict") or {}
        self.tell(
            "progress",
            sound=info.get("vcodec") == "none",
            done=state.get("downloaded_bytes"),
            total=state.get("total_bytes") or state.get("total_bytes_estimate"),
            width=info.get("width"),
            height=info.get("height"),
        )

    def step(self, state: dict[str, Any]) -> None:
        if state["postprocessor"] == "Merger":
            self.tell("step", step="merging")

    def failure(self, error: Exception) -> dict[str, Any]:
        """What is known of it: yt-dlp's own words, the kind of the cause, what server and disk said."""
        of_yt_dlp = getattr(error, "exc_info", None)
        cause = of_yt_dlp[1] if of_yt_dlp else error
        for inner in (cause, getattr(cause, "cause", None), getattr(cause, "__cause__", None)):
            if status := getattr(inner, "status", None):
                break
        else:
            inner, status = cause, None
        response = getattr(inner, "response", None)
        wait = response.get_header("Retry-After", "") if response is not None else ""
        text = str(error).removeprefix("ERROR: ")
        private = isinstance(_root(error), _PrivateAddressError) or _PRIVATE in text
        return {
            "error": text,
            "cause": "PrivateAddress" if private else type(cause).__name__,
            "status": status,
            "retry_after": float(wait) if wait.isdigit() else None,
            "errno": _errno_of(error),
        }


def _root(error: BaseException) -> BaseException:
    """The innermost of what led to it."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def _errno_of(error: BaseException | None) -> int | None:
    """Of a disk that takes no more, wherever it stands in the chain."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _OF_DISKS:
            return error.errno
        error = error.__cause__ or error.__context__
    return None


_PRIVATE: Final = "no address of the public internet"


class _PrivateAddressError(OSError):
    pass


def _only_public_sockets() -> None:
    """Connect nowhere else; what a proxy is asked for, it asks by itself."""
    a_socket: Any = socket.socket
    connect = a_socket.connect

    def watched(self: socket.socket, address: Any, /) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_public(str(address[0])):
            raise _PrivateAddressError(f"{address[0]} is {_PRIVATE}")
        connect(self, address)

    a_socket.connect = watched


def _only_public_addresses(ydl: Any) -> None:
    """What an address itself shows: all that can be seen where a proxy looks up the names."""
    urlopen = ydl.urlopen

    def watched(request: Any) -> Any:
        host = urllib.parse.urlsplit(getattr(request, "url", request)).hostname or ""
        if not _is_public(host):
            raise _PrivateAddressError(f"{host} is {_PRIVATE}")
        return urlopen(request)

    ydl.urlopen = watched


def _is_public(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".").rpartition(".")[2] not in ("", "localhost", "local", "internal")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_global and not address.is_multicast


class _Log:
    """yt-dlp's words: a step is a sign of life, a warning may explain what comes after it."""

    def __init__(self, tell: Any) -> None:
        self._tell = tell

    def debug(self, text: str) -> None:
        if text.startswith("["):
            self._tell("step", step="looking")

    def info(self, text: str) -> None:
        self.debug(text)

    def warning(self, text: str) -> None:
        sys.stderr.write(f"warning: {text}\n")

    def error(self, text: str) -> None:
        sys.stderr.write(f"error: {text}\n")


def _die_with_parent() -> None:
    """Who holds the other end of stdin is gone, however it went: so are we, our ffmpeg and our deno."""
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
