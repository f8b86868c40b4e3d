"""A configuration as a file with words for who reads it: a first trailarrd.yaml, or one more connection."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trailarrd.domain.connection import BasicLogin
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import PathMapping
from trailarrd.domain.secret import Secret

ADDED: Final = "connections.d"
"""The folder beside trailarrd.yaml for connections that are added later."""
_HEAD: Final = """\
# trailarrd.yaml: written by 'trailarrd init', yours to change. 'trailarrd config show' has every setting;
# 'trailarrd check' says what is not as it should be.

{include}{database}
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
_MONITOR: Final = """\
    # Which items without a trailer shall get one: missing (every one), new (those added from now on),
    # sync (those that the server monitors), none (only those you ask for).
    monitor: {mode}
"""
_INCLUDE: Final = f"""\
# Each file there has further connections; the page adds some.
include: {ADDED}/*.yaml

"""
_ADDED: Final = """\
# A connection of trailarrd.yaml, which includes this file: written by trailarrd's page, yours to change.

connections:
"""
_WANT: Final = """\
    # Which of those at all: docs/monitoring.md
    want: {%s}
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
    want: Mapping[str, object] = field(default_factory=dict)
    """Which items at all, as `want:` has it."""
    key: Secret | None = None
    """To be put into a file of its own."""
    key_file: Path | None = None
    """Where the key is, if it is there already: an absolute path."""
    basic: BasicLogin | None = None
    """For what stands in front of it; the password is put into a file of its own."""
    password_file: Path | None = None


def text_of(
    connections: Sequence[NewConnection],
    database: Path | None = None,
    *,
    downloads: bool = False,
    includes: bool = False,
) -> str:
    """The file; it names that database, or says how one is named, and `includes` what the page adds."""
    named = f"database:\n  url: {scalar(f'sqlite+aiosqlite:///{database}')}\n" if database else _DATABASE
    download = _DOWNLOAD if downloads else _NO_DOWNLOAD
    include = _INCLUDE if includes else ""
    return _HEAD.format(include=include, database=named, download=download) + "\n".join(
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
    if one.want:
        yield _WANT % ", ".join(f"{name}: {_flow(said)}" for name, said in one.want.items())
    yield _MAPPINGS + path_mappings(one.mappings) + "\n" if one.mappings else _NO_MAPPINGS


def _flow(value: object) -> str:
    """As YAML on one line."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{name}: {_flow(one)}" for name, one in value.items()) + "}"
        case str():
            return scalar(value)
        case Sequence():
            return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value).lower()


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


def added_text(one: NewConnection) -> str:
    """The file of one that is added."""
    return _ADDED + "".join(_block(one))
