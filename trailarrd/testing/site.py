"""A site with videos on 127.0.0.1: any file of a folder, whole or as things go wrong."""

import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

_PIECE: Final = 1 << 15
_KINDS: Final = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".m4a": "audio/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".html": "text/html",
}


class SimulatedSite:
    """Serves a folder while the `with` block lasts; the first part of a path may say what goes wrong.

    | Path | Answer |
    |---|---|
    | `/name` | the file |
    | `/slow/name` | some 256 KiB of it a second |
    | `/stall/name` | half of it, and then nothing for as long as the site is there |
    | `/cut/name` | half of it, and the end of the connection |
    | `/nolen/name` | all of it, with no word of its length before |
    | `/endless/name` | its bytes again and again, with no word of a length |
    | `/404/name`, any status | that one; `/429/name` and `/503/name` ask to wait for 60 seconds |
    | `/to/HOST:PORT/name` | a redirect to another host |

    Asked as a proxy it answers in place of any host. `asked` has what was asked for, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.closing = threading.Event()
        self._server = _Server(folder, self)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="site", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, site: SimulatedSite) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.site = folder, site

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever breaks off is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        with suppress(OSError):  # whoever asked may be gone
            self._answer()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def _answer(self) -> None:
        self.server.site.asked.append(self.path)
        fault, file = _wanted(self.server.folder, self.path)
        if fault.isdigit():
            self._refuse(int(fault))
        elif fault == "to":
            _, _, host, rest = urlsplit(self.path).path.split("/", 3)
            self._say(302, {"Location": f"http://{host}/{rest}", "Content-Length": "0"})
        elif not file.is_file():
            self._refuse(404)
        else:
            self._serve(fault, file)

    def _refuse(self, status: int) -> None:
        page = b"<html><body>no</body></html>"
        wait = {"Retry-After": "60"} if status in (429, 503) else {}
        self._say(status, {"Content-Type": "text/html", "Content-Length": str(len(page)), **wait})
        if self.command != "HEAD":
            self.wfile.write(page)

    def _serve(self, fault: str, file: Path) -> None:
        data = file.read_bytes()
        headers = {"Content-Type": _KINDS.get(file.suffix, "application/octet-stream")}
        if fault in ("nolen", "endless"):
            self._say(200, {**headers, "Connection": "close"})
        else:
            data = self._begin(headers, data)
        if self.command != "HEAD":
            self._pour(fault, data)

    def _begin(self, headers: dict[str, str], data: bytes) -> bytes:
        """Say what will come, and return it: all, or the range that is wanted."""
        ranged = self.headers.get("Range")
        begin, end = _range(ranged, len(data))
        headers |= {"Content-Length": str(end - begin), "Accept-Ranges": "bytes"}
        if ranged:
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{len(data)}"
        self._say(206 if ranged else 200, headers)
        return data[begin:end]

    def _pour(self, fault: str, data: bytes) -> None:
        closing = self.server.site.closing
        if fault in ("stall", "cut"):
            data = data[: len(data) // 2]
            self.close_connection = True
        self._write(data, slowly=fault == "slow")
        while fault == "endless" and not closing.is_set():
            self._write(data)
        if fault == "stall":
            closing.wait()

    def _write(self, data: bytes, *, slowly: bool = False) -> None:
        for start in range(0, len(data), _PIECE):
            self.wfile.write(data[start : start + _PIECE])
            if slowly:
                time.sleep(_PIECE / 2**18)

    def _say(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _wanted(folder: Path, path: str) -> tuple[str, Path]:
    """What goes wrong, if anything, and the file; a proxy is asked with a host before the path."""
    path = unquote(urlsplit(path).path).lstrip("/")
    first, _, rest = path.partition("/")
    return (first, folder / rest) if rest and not (folder / first).is_dir() else ("", folder / path)


def _range(said: str | None, size: int) -> tuple[int, int]:
    """The first byte that is wanted, and the one after the last."""
    if not said:
        return 0, size
    first, _, last = said.removeprefix("bytes=").partition("-")
    return int(first or 0), min(int(last) + 1 if last else size, size)
