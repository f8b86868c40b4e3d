"""Where trailarrd.yaml is, and where trailarrd keeps its database if the file does not say."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from trailarrd.config.deadline import in_time
from trailarrd.config.diagnostic import reason
from trailarrd.errors import ConfigError
from trailarrd.membership import joining

_VARIABLE: Final = "TRAILARRD_CONFIG"
PREFIX: Final = "TRAILARRD_"
"""What the variables begin with that say a setting."""
_FILE: Final = "trailarrd.yaml"
_HERE: Final = Path(_FILE)

SERVICE_CONFIG: Final = Path("/etc/trailarrd")
"""Where the service of a host has its configuration, and who may read it is up to that folder."""
SERVICE_STATE: Final = Path("/var/lib/trailarrd")
"""Where it has its database."""
_DATABASE: Final = "trailarrd.db"


def find_config(explicit: str | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: `--config`, $TRAILARRD_CONFIG, the user's, the system's, here; the first told.

    A file that was named must be there; the others are looked for. Raises `ConfigError`.
    """
    if explicit is not None:
        return in_time(partial(_named, explicit, "--config"))
    if from_environment := environ.get(_VARIABLE):
        return in_time(partial(_named, from_environment, f"${_VARIABLE}"))
    if found := _found(environ):
        return found[0]
    if not _may_look(SERVICE_CONFIG) and (advice := joining(SERVICE_CONFIG)):
        raise ConfigError(f"you may not read the service's configuration in {SERVICE_CONFIG}: {advice}")
    places = (str(place) if place.is_absolute() else f"./{place}" for place in _places(environ))
    raise ConfigError(
        f"no configuration found; looked for {', '.join(places)}\n"
        f"    hint: 'trailarrd init' writes one; or name yours with --config FILE or ${_VARIABLE}"
    )


def _may_look(folder: Path) -> bool:
    """Whether what is in it can be seen."""
    return os.access(folder, os.X_OK) or not folder.exists()


def overlooked(explicit: str | None, environ: Mapping[str, str]) -> list[Path]:
    """Those that would be found if another were not found before; none where one was named."""
    return [] if explicit is not None or environ.get(_VARIABLE) else _found(environ)[1:]


def new_config(explicit: str | None, environ: Mapping[str, str], *, is_root: bool) -> Path:
    """Where a first one is to be written: where the user says, else the user's own; root's is the system's.

    Raises `ConfigError` where there is no such place.
    """
    if chosen := explicit or environ.get(_VARIABLE):
        return Path(chosen)
    folder = _folder_of_user(environ)
    if is_root and "XDG_CONFIG_HOME" not in environ:
        folder = SERVICE_CONFIG
    if folder is None:
        raise ConfigError("there is no home folder to write trailarrd.yaml into; say where by --config FILE")
    return folder / _FILE


def _found(environ: Mapping[str, str]) -> list[Path]:
    return [place for place in _places(environ) if _trouble(place) is None]


def _places(environ: Mapping[str, str]) -> list[Path]:
    folders = (_folder_of_user(environ), SERVICE_CONFIG)
    return [*(folder / _FILE for folder in folders if folder), _HERE]


def _folder_of_user(environ: Mapping[str, str]) -> Path | None:
    return _user_folder(environ, "XDG_CONFIG_HOME", ".config")


def names_a_setting(variable: str) -> bool:
    """Whether it may; only the model knows whether it does."""
    return variable.upper().startswith(PREFIX) and variable != _VARIABLE


def _named(name: str, origin: str, files: list[Path]) -> Path:
    path = Path(name)
    files.append(path)
    if trouble := _trouble(path) if name else "no name of a file":
        raise ConfigError(f"{name or repr(name)}: {trouble} (named by {origin})")
    return path


def _trouble(path: Path) -> str | None:
    """Why this cannot be the configuration; a pipe may be."""
    try:
        path.stat()
    except (OSError, ValueError) as error:
        return reason(error)
    return "is a directory" if path.is_dir() else None


def default_database_url(environ: Mapping[str, str], config: Path) -> str | None:
    """SQLite in the folder that systemd gave us, in the service's, or in the user's state directory, if any.

    The service's is for its own configuration, whoever reads it, from any shell; a user who kept a database
    by that configuration before there was a service keeps it.
    """
    folder = _state_folder(environ)
    if config.absolute().parent == SERVICE_CONFIG and "STATE_DIRECTORY" not in environ:
        kept = folder is not None and (folder / _DATABASE).exists() and not _may_be(SERVICE_STATE / _DATABASE)
        folder = folder if kept else SERVICE_STATE
    return f"sqlite+aiosqlite:///{folder / _DATABASE}" if folder else None


def _may_be(path: Path) -> bool:
    """Whether it is there, or in a folder where we may not look."""
    try:
        return path.exists()
    except OSError:
        return True


def _state_folder(environ: Mapping[str, str]) -> Path | None:
    if given := environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    return _user_folder(environ, "XDG_STATE_HOME", ".local/state")


def _user_folder(environ: Mapping[str, str], variable: str, below_home: str) -> Path | None:
    """Ours among those of the user, by the XDG specification, which has relative paths ignored."""
    if (base := Path(environ.get(variable, ""))).is_absolute():
        return base / "trailarrd"
    home = Path(environ.get("HOME", ""))
    return home / below_home / "trailarrd" if home.is_absolute() else None
