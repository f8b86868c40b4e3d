"""Where trailarrd.yaml is, and where trailarrd keeps its database if the file does not say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trailarrd.config.diagnostic import reason
from trailarrd.errors import ConfigError

_VARIABLE: Final = "TRAILARRD_CONFIG"
PREFIX: Final = "TRAILARRD_"
"""What the variables begin with that say a setting."""
_PLACES: Final = ("./trailarrd.yaml", "/etc/trailarrd/trailarrd.yaml")


def find_config(explicit: str | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: `--config`, $TRAILARRD_CONFIG, here, in /etc; the first that is told.

    A file that was named must be there; only the last two are looked for.
    """
    if explicit is not None:
        return _named(explicit, "--config")
    if from_environment := environ.get(_VARIABLE):
        return _named(from_environment, f"${_VARIABLE}")
    for place in _PLACES:
        if _trouble(Path(place)) is None:
            return Path(place)
    raise ConfigError(
        f"no configuration found; looked for {', '.join(_PLACES)}\n"
        f"    hint: 'trailarrd init' writes one; or name yours with --config FILE or ${_VARIABLE}"
    )


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
    # The XDG specification has relative paths ignored.
    if (state := Path(environ.get("XDG_STATE_HOME", ""))).is_absolute():
        return state / "trailarrd"
    home = Path(environ.get("HOME", ""))
    return home / ".local/state/trailarrd" if home.is_absolute() else None
