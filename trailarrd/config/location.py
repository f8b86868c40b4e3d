"""Where trailarrd.yaml is, and where trailarrd keeps its database if the file does not say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trailarrd.config.diagnostic import reason
from trailarrd.errors import ConfigError

_VARIABLE: Final = "TRAILARRD_CONFIG"
PREFIX: Final = "TRAILARRD_"
"""What the variables begin with that say a setting."""
_FILE: Final = "trailarrd.yaml"
_OF_SYSTEM: Final = Path("/etc/trailarrd")
_HERE: Final = Path(_FILE)


def find_config(explicit: str | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: `--config`, $TRAILARRD_CONFIG, the user's, the system's, here; the first told.

    A file that was named must be there; the others are looked for.
    """
    if explicit is not None:
        return _named(explicit, "--config")
    if from_environment := environ.get(_VARIABLE):
        return _named(from_environment, f"${_VARIABLE}")
    if found := _found(environ):
        return found[0]
    places = (str(place) if place.is_absolute() else f"./{place}" for place in _places(environ))
    raise ConfigError(
        f"no configuration found; looked for {', '.join(places)}\n"
        f"    hint: 'trailarrd init' writes one; or name yours with --config FILE or ${_VARIABLE}"
    )


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
        folder = _OF_SYSTEM
    if folder is None:
        raise ConfigError("there is no home folder to write trailarrd.yaml into; say where by --config FILE")
    return folder / _FILE


def _found(environ: Mapping[str, str]) -> list[Path]:
    return [place for place in _places(environ) if _trouble(place) is None]


def _places(environ: Mapping[str, str]) -> list[Path]:
    folders = (_folder_of_user(environ), _OF_SYSTEM)
    return [*(folder / _FILE for folder in folders if folder), _HERE]


def _folder_of_user(environ: Mapping[str, str]) -> Path | None:
    return _user_folder(environ, "XDG_CONFIG_HOME", ".config")


def names_a_setting(variable: str) -> bool:
    """Whether it may; only the model knows whether it does."""
    return variable.upper().startswith(PREFIX) and variable != _VARIABLE


def _named(name: str, origin: str) -> Path:
    path = Path(name)
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


def default_database_url(environ: Mapping[str, str]) -> str | None:
    """SQLite in the folder that systemd gave us, else in the user's state directory, if any."""
    folder = _state_folder(environ)
    return f"sqlite+aiosqlite:///{folder / 'trailarrd.db'}" if folder else None


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
