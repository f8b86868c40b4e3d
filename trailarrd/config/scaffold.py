"""Files of a configuration are written: never over existing ones, with the keys in files of their own."""

import errno
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Final

from trailarrd.config.annotated import ADDED, NewConnection, added_text, text_of
from trailarrd.config.diagnostic import FieldError
from trailarrd.config.url import server_url
from trailarrd.errors import ConfigError

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
    added = folder / ADDED
    was_there = added.exists()
    named = [_with_files(folder, one) for one in connections]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in named:
            _write_secrets(folder, one, written)
        if is_blank(path):
            path.unlink()
        added.mkdir(exist_ok=True)
        text = text_of(named, database, downloads=downloads, includes=True)
        _write(path.absolute(), text, 0o644, written)
    except OSError as error:
        raise _taken_back(written if was_there else [*written, added], error) from error
    return written


def add_connections(folder: Path, connections: Sequence[NewConnection]) -> list[Path]:
    """Write a file of its own for each into an included folder, with its key beside it; all or nothing.

    Raises:
        ConfigError: one of them is there already, or cannot be written.
    """
    written: list[Path] = []
    try:
        for one in [_with_files(folder, one) for one in connections]:
            _write_secrets(folder, one, written)
            _write(folder / f"{one.name}.yaml", added_text(one), 0o644, written)
    except OSError as error:
        raise _taken_back(written, error) from error
    return written


def _write_secrets(folder: Path, one: NewConnection, written: list[Path]) -> None:
    if one.key and one.key_file:
        _write(folder / one.key_file, one.key.reveal() + "\n", 0o600, written)
    if one.basic and one.password_file:
        _write(folder / one.password_file, one.basic.password.reveal() + "\n", 0o600, written)


def take_back(written: Iterable[Path]) -> None:
    """Remove what was written just now."""
    for file in written:
        with suppress(OSError):
            file.rmdir() if file.is_dir() else file.unlink()


def _taken_back(written: Iterable[Path], error: OSError) -> ConfigError:
    """What to raise, once nothing is left of it."""
    take_back(written)
    reason = "is there already, and is not overwritten" if error.errno == errno.EEXIST else error.strerror
    return ConfigError(f"{error.filename}: {reason or 'cannot be written'}")


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
