"""A first trailarrd.yaml: annotated, never over an existing one, with the keys in files of their own."""

import errno
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import Final

from trailarrd.config.diagnostic import FieldError
from trailarrd.config.url import server_url
from trailarrd.domain.connection import BasicLogin
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import PathMapping
from trailarrd.domain.secret import Secret
from trailarrd.errors import ConfigError

_HEAD: Final = """\
# trailarrd.yaml: written by 'trailarrd init', yours to change. 'trailarrd config show' has every setting;
# 'trailarrd check' says what is not as it should be.

{database}
refresh:
  interval: 1h # how often each library is asked for

{download}
connections:
"""
_DOWNLOAD: Final = """\
# Has trailers downloaded. A preview asks nobody: 'trailarrd downloads' shows what would be done.
download:
  preview: true
"""
_NO_DOWNLOAD: Final = """\
# Has trailers downloaded, once a plugin is installed that offers a downloader.
# download:
#   preview: true # asks nobody: 'trailarrd downloads' shows what would be done
"""
_DATABASE: Final = """\
# database:
#   # Where the truth is kept. Default: trailarrd.db in $STATE_DIRECTORY (systemd sets it), else in
#   # $XDG_STATE_HOME/trailarrd, else in ~/.local/state/trailarrd. Four slashes: an absolute path.
#   url: sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db
"""
_EXAMPLE: Final = """\
# trailarrd.yaml: yours to fill in. Take away the '#' before the lines of your servers, and say where they
# are and where their keys come from; trailarrd takes this file by itself as soon as there is no mistake in
# it, and its log tells the mistakes. 'trailarrd config show' has every setting then.

refresh:
  interval: 1h # how often each library is asked for

#connections:
#  - name: movies # yours to choose; it is known by this name everywhere, so leave it then
#    provider: radarr
#    url: http://radarr:7878 # as trailarrd reaches it: in one compose file, by the name of its service
#    # Settings > General > Security in Radarr. From the environment of this container, or from a file:
#    # api_key: !file /run/secrets/radarr_api_key
#    api_key: !env RADARR_API_KEY
#    monitor: missing # which items without a trailer shall get one: missing, new, sync, none
#    # Only if it is another path here than in Radarr:
#    # path_mappings:
#    #   - {remote: /movies, local: /media/movies}
#
#  - name: series
#    provider: sonarr
#    url: http://sonarr:8989
#    api_key: !env SONARR_API_KEY
#    monitor: missing
"""
_MONITOR: Final = """\
    # Which items without a trailer shall get one: missing (every one), new (those added from now on),
    # sync (those that the server monitors), none (only those you ask for).
    monitor: {mode}
"""
_WANT: Final = """\
    # Of those only what can be watched at home already; more conditions: docs/monitoring.md
    want: {only: {released: true}}
"""
_NO_MAPPINGS: Final = """\
    # If the server sees other paths than this host, as in a container: what it calls remote is local here.
    # path_mappings:
    #   - {remote: /movies, local: /mnt/media/movies}
"""
_MAPPINGS: Final = "    # What the server calls remote is local here; found by the folders in it.\n"
_PLAIN: Final = re.compile(r"(?:/|[A-Za-z][\w]*:?/)[\w/.()+@~-]*(?: [\w/.()+@~-]+)*", re.ASCII)
"""Paths and addresses that mean nothing else in YAML, in a flow mapping too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """One connection to be written down."""

    name: str
    provider: str
    url: str
    told: str
    """Who answered, for people."""
    mappings: Sequence[PathMapping]
    mode: MonitorMode = MonitorMode.MISSING
    is_choosy: bool = False
    """Whether only what can be watched at home already is wanted."""
    key: Secret | None = None
    """To be put into a file of its own."""
    key_file: Path | None = None
    """Where the key is, if it is there already: an absolute path."""
    basic: BasicLogin | None = None
    """For what stands in front of it; the password is put into a file of its own."""
    password_file: Path | None = None


def address(text: str) -> str:
    """A server's URL as it stands in trailarrd.yaml, from what a person types; raises `ConfigError`."""
    text = text.strip()
    try:
        return server_url(text if "://" in text else f"http://{text}")
    except FieldError as error:
        raise ConfigError(f"the address {error}" + (f"; {error.hint}" if error.hint else "")) from None


def write_config(
    path: Path,
    connections: Sequence[NewConnection],
    *,
    database: Path | None = None,
    downloads: bool = False,
) -> list[Path]:
    """Write the file and the keys beside it; all that was written, or nothing at all.

    `downloads` says whether there is anything installed that could download.

    Raises:
        ConfigError: one of them is there already, or cannot be written.
    """
    folder, written = path.absolute().parent, list[Path]()
    named = [_with_files(folder, one) for one in connections]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in named:
            if one.key and one.key_file:
                _write(folder / one.key_file, one.key.reveal() + "\n", 0o600, written)
            if one.basic and one.password_file:
                _write(folder / one.password_file, one.basic.password.reveal() + "\n", 0o600, written)
        if is_blank(path):
            path.unlink()
        _write(path.absolute(), text_of(named, database, downloads=downloads), 0o644, written)
    except OSError as error:
        for file in written:
            with suppress(OSError):
                file.unlink()
        reason = "is there already, and is not overwritten" if error.errno == errno.EEXIST else error.strerror
        raise ConfigError(f"{error.filename}: {reason or 'cannot be written'}") from error
    return written


def _with_files(folder: Path, one: NewConnection) -> NewConnection:
    """With a file for each of its secrets that has none yet."""
    key_file = _unused(folder, one.name, "key") if one.key else one.key_file
    password_file = _unused(folder, one.name, "password") if one.basic else None
    return replace(one, key_file=key_file, password_file=password_file)


def _unused(folder: Path, name: str, kind: str) -> Path:
    """A file for a secret of the connection of that name; what is there already is somebody's."""
    names = (Path(f"{name}{end}.{kind}") for end in chain([""], (f"-{number}" for number in count(2))))
    return next(one for one in names if not (folder / one).exists())


def _write(path: Path, text: str, mode: int, written: list[Path]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    written.append(path)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  # it is open already
        file.write(text)


def write_blank(path: Path) -> bool:
    """Write a file to be filled in, unless one is there; whether there was none.

    Raises `ConfigError` if it cannot be written.
    """
    try:
        _write(path, _EXAMPLE, 0o644, [])
    except FileExistsError:
        return False
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'cannot be written'}") from error
    return True


def is_blank(path: Path) -> bool:
    """Whether it is still what `write_blank` has written, so that nothing in it is the user's."""
    try:
        return path.read_text(encoding="utf-8") == _EXAMPLE
    except (OSError, UnicodeDecodeError):
        return False


def text_of(
    connections: Sequence[NewConnection], database: Path | None = None, *, downloads: bool = False
) -> str:
    """The file; it names that database, or says how one is named."""
    named = f"database:\n  url: {scalar(f'sqlite+aiosqlite:///{database}')}\n" if database else _DATABASE
    download = _DOWNLOAD if downloads else _NO_DOWNLOAD
    return _HEAD.format(database=named, download=download) + "\n".join(
        "".join(_block(one)) for one in connections
    )


def _block(one: NewConnection) -> Iterator[str]:
    key_file = (
        scalar(str(one.key_file)) if one.key_file and not one.key else one.key_file or f"{one.name}.key"
    )
    yield f"  - name: {one.name} # yours to choose; it is known by this name everywhere, so leave it then\n"
    yield f"    provider: {one.provider} # {one.told}\n"
    yield f"    url: {scalar(one.url)}\n"
    yield f"    api_key: !file {key_file} # in a file that others cannot read\n"
    if one.basic:
        user, file = scalar(one.basic.user.reveal()), one.password_file or f"{one.name}.password"
        yield f"    basic: {{user: {user}, password: !file {file}}} # for what stands in front of it\n"
    yield _MONITOR.format(mode=one.mode.value)
    if one.is_choosy:
        yield _WANT
    yield _MAPPINGS + path_mappings(one.mappings) + "\n" if one.mappings else _NO_MAPPINGS


def scalar(value: str) -> str:
    """A string as a YAML scalar; a dollar sign is doubled, since `${VAR}` has a meaning."""
    text = value.replace("$", "$$")
    if _PLAIN.fullmatch(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    return char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}"


def path_mappings(mappings: Iterable[PathMapping]) -> str:
    """The setting of that name, at the depth that it has in a connection's block."""
    lines = [f"      - {{remote: {scalar(one.remote)}, local: {scalar(one.local)}}}" for one in mappings]
    return "\n".join(["    path_mappings:", *lines] if lines else ["    path_mappings: []"])
