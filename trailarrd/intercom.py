"""The socket beside the database, by which commands of this host speak with the running daemon.

Its file permissions say who may: the daemon's own user, and a group that its folder is shared with. No HTTP
client is needed but the standard library's, so that a command starts no slower for it.
"""

import hashlib
import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from trailarrd import __version__
from trailarrd.domain.paths import database_file
from trailarrd.errors import DaemonError
from trailarrd.membership import joining

T = TypeVar("T")

_PATIENCE: Final = 30.0
"""Seconds in which a daemon that is well has answered, whatever it is at."""
_ROOT: Final = "/api/v1"
_FOLDERS: Final = ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", "STATE_DIRECTORY")
_OF_THE_SERVICE: Final = "/var/lib/trailarrd"
_LEAST_ERROR: Final = 400
_ODD_LENGTHS: Final = (ValueError, OverflowError, MemoryError)
"""What the library raises where an answer says that it is shorter than nothing, or longer than all memory."""

NO_FOLDER: Final = (
    f"there is no folder for its socket: neither {', '.join(_FOLDERS[:-1])} nor {_FOLDERS[-1]} names one,"
    f" and {_OF_THE_SERVICE} is not there"
)
"""Why `socket_of` is None."""


def socket_of(database_url: str) -> Path | None:
    """Where the daemon of that database listens; None if there is no folder for it.

    Beside the file, or for a database on a server where this host keeps what lives as long as a process.
    """
    named = database_file(database_url)
    if not named:
        return _of_this_host(database_url)
    file = Path(named).resolve()
    return file.with_name(f"{file.name}.sock")


def free_socket_of(database_url: str) -> Path:
    """The same for a daemon that is to listen there.

    Raises:
        DaemonError: there is none, or another daemon of a database on a server has it.
    """
    if (path := socket_of(database_url)) is None:
        raise DaemonError(NO_FOLDER)
    if not database_file(database_url) and Intercom(path).is_answered():
        raise DaemonError(
            f"another daemon answers at {path}; a STATE_DIRECTORY of its own gives this one another"
        )
    return path


def _of_this_host(database_url: str) -> Path | None:
    name = f"trailarrd-{hashlib.sha256(database_url.encode()).hexdigest()[:16]}.sock"
    told = (os.environ.get(variable, "").partition(":")[0] for variable in _FOLDERS)
    folders = [Path(folder) for folder in (*told, _OF_THE_SERVICE) if folder and Path(folder).is_dir()]
    sockets = [folder / name for folder in folders]
    return next((socket for socket in sockets if socket.exists()), next(iter(sockets), None))


@contextmanager
def short_name(path: Path) -> Iterator[str]:
    """The same file by a name that fits into the 107 bytes of a socket's address."""
    descriptor = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


class Intercom:
    """A line to the daemon that runs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_anothers(self) -> bool:
        """Whether the daemon that has it runs as another user than who asks."""
        with suppress(OSError):  # there is none
            return self._path.stat().st_uid != os.geteuid()
        return False

    def is_answered(self) -> bool:
        """Whether a daemon listens there.

        Raises:
            DaemonError: there is one, but it is another user's.
        """
        try:
            with closing(self._connect(_PATIENCE)):
                return True
        except PermissionError:
            advice = joining(self._path.parent) or "run this as the user that it runs as"
            raise DaemonError(f"the daemon's socket {self._path} is not yours: {advice}") from None
        except OSError:
            return False

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        kind: Any = Any,
        patience: float | None = _PATIENCE,
    ) -> Any:
        """What the daemon answers, as a value of that type; None for an answer without content.

        `path` is below the API's root. `patience` is in seconds, None for as long as it takes.

        Raises:
            DaemonError: it refused, did not answer, or answered something else.
        """
        status, content = self.fetch(method, f"{_ROOT}{path}", body, patience=patience)
        if status >= _LEAST_ERROR:
            raise DaemonError(_reason(content, status), status=status)
        return decoded(content, kind) if content else None

    def fetch(
        self, method: str, path: str, body: object = None, *, patience: float | None = _PATIENCE
    ) -> tuple[int, bytes]:
        """Status and content, whatever they are; raises `DaemonError` only if there is no answer."""
        try:
            with closing(_Line(self, patience)) as line:
                content = None if body is None else msgspec.json.encode(body)
                headers = {"User-Agent": f"trailarrd/{__version__}"}
                if content is not None:
                    headers["Content-Type"] = "application/json"
                line.request(method, path, content, headers)
                answer = line.getresponse()
                return answer.status, answer.read()
        except TimeoutError:
            raise DaemonError(f"the running daemon has not answered for {patience:g} s") from None
        except (OSError, http.client.HTTPException, *_ODD_LENGTHS) as error:
            raise DaemonError(f"the running daemon did not answer: {type(error).__name__}: {error}") from None

    def _connect(self, patience: float | None) -> socket.socket:
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            opened.settimeout(patience)
            with short_name(self._path) as name:
                opened.connect(name)
        except BaseException:
            opened.close()
            raise
        return opened


class _Line(http.client.HTTPConnection):
    """One request over the socket."""

    def __init__(self, intercom: Intercom, patience: float | None) -> None:
        super().__init__("localhost")
        self._intercom = intercom
        self._patience = patience

    def connect(self) -> None:
        self.sock = self._intercom._connect(self._patience)  # noqa: SLF001  # two halves of one thing


def decoded(content: bytes, kind: type[T]) -> T:
    """The daemon's answer; raises `DaemonError` if it is not of that type, as fields came and went."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DaemonError(f"the running daemon is of another version, restart it: {error}") from None


def _reason(content: bytes, status: int) -> str:
    problem = decoded(content, _Problem) if content else _Problem()
    return problem.detail or problem.title or f"the daemon answered with status {status}"


class _Problem(msgspec.Struct):
    """As much of RFC 9457 as is shown."""

    title: str | None = None
    detail: str | None = None
