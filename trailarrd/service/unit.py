"""The unit, for the system or for one user: written where systemd looks for it, and taken away again."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final, Self

from trailarrd.errors import ServiceError

NAME: Final = "trailarrd.service"
_PACKAGED: Final = (Path("/usr/lib/systemd/system") / NAME, Path("/lib/systemd/system") / NAME)
_PROGRAM: Final = "/opt/trailarrd/bin/trailarrd"
_CONFIG: Final = "/etc/trailarrd/trailarrd.yaml"


@dataclass(frozen=True, slots=True)
class Unit:
    """One of the two: the system's, or the user's own."""

    path: Path
    """Where systemd looks for it."""
    template: str
    """The file of this package that it is made from."""
    systemctl: tuple[str, ...]
    """The command that speaks with the systemd of it."""
    is_system: bool

    @classmethod
    def of_system(cls) -> Self:
        return cls(Path("/etc/systemd/system") / NAME, NAME, ("systemctl",), is_system=True)

    @classmethod
    def of_user(cls, environ: Mapping[str, str]) -> Self:
        """Raises `ServiceError` for who has no home."""
        base = Path(environ.get("XDG_CONFIG_HOME", ""))
        if not base.is_absolute():
            base = Path(environ.get("HOME", "")) / ".config"
        if not base.is_absolute():
            raise ServiceError("there is no home folder for a user's unit; as root it is the system's")
        return cls(base / "systemd/user" / NAME, "user.service", ("systemctl", "--user"), is_system=False)

    def text(self, program: Path, config: Path) -> str:
        """The unit that runs this program by that configuration."""
        text = files("trailarrd.service").joinpath(self.template).read_text(encoding="utf-8")
        return text.replace(_PROGRAM, _word(program)).replace(_CONFIG, _word(config))

    def install(self, program: Path, config: Path) -> None:
        """Write it, over an older one, and have systemd start it now and at each boot.

        Raises `ServiceError` if that is not possible; what was written stays, to be looked at.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(self.text(program, config), encoding="utf-8")
        except OSError as error:
            raise ServiceError(f"{self.path} cannot be written: {error.strerror}") from error
        for words in (("daemon-reload",), ("enable", NAME), ("restart", NAME)):
            self.ask(*words)

    def uninstall(self) -> None:
        """Stop it and take it away; raises `ServiceError`."""
        self.ask("disable", "--now", NAME)
        self.path.unlink(missing_ok=True)
        self.ask("daemon-reload")

    def ask(self, *words: str) -> None:
        """Let systemd do something; raises `ServiceError` with its own words."""
        done = subprocess.run([*self.systemctl, *words], capture_output=True, text=True, check=False)  # noqa: S603  # no word of a stranger
        if done.returncode:
            said = " ".join(done.stderr.split()) or f"it ended with {done.returncode}"
            raise ServiceError(f"'{' '.join([*self.systemctl, *words])}' failed: {said}")

    def show(self) -> int:
        """Print how systemd sees it; the exit code of that."""
        return subprocess.run([*self.systemctl, "--no-pager", "status", NAME], check=False).returncode  # noqa: S603  # likewise


def packaged_unit() -> Path | None:
    """The unit that a package of this host has brought, if one has."""
    return next((path for path in _PACKAGED if path.exists()), None)


def must_have_systemd() -> None:
    """Raises `ServiceError` where there is none."""
    if shutil.which("systemctl") is None:
        raise ServiceError("there is no systemctl here: systemd is what starts such a service")


def program() -> Path:
    """The command that runs now, as it is to be called by others; raises `ServiceError` if it is none."""
    # Not resolved: an environment is known by the path of its Python.
    path = Path(sys.executable).absolute().with_name("trailarrd")
    if not os.access(path, os.X_OK):
        raise ServiceError(f"{path} is not there: install trailarrd with pipx or pip first")
    return path


def must_be_reachable(path: Path) -> None:
    """Raises `ServiceError` if another user than root could not start this program."""
    for part in (path, *path.parents, *path.resolve().parents):
        if not part.stat().st_mode & stat.S_IXOTH:
            raise ServiceError(
                f"the service has a user of its own, who may not look into {part}: install trailarrd where"
                " everybody may, as 'pipx install --global' does"
            )


def _word(path: Path) -> str:
    """A path as one word of a command line in a unit."""
    text = str(path).replace("%", "%%")
    if not any(char.isspace() or char in "\"'\\$;" for char in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$") + '"'
