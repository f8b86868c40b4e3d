"""The user that the system's service runs as, and the folders that are his; for root to make."""

import grp
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from trailarrd.config.location import SERVICE_CONFIG, SERVICE_STATE
from trailarrd.errors import ServiceError
from trailarrd.service import unit

NAME: Final = "trailarrd"
"""Of the user and of his group."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_USERADD: Final = (
    *("useradd", "--system", "--user-group", "--home-dir", str(SERVICE_STATE), "--no-create-home"),
    *("--shell", "/usr/sbin/nologin", NAME),
)


def make_account() -> None:
    """See to it that user, group and both folders are there; raises `ServiceError`."""
    try:
        user = _user()
        for folder, owner, mode in ((SERVICE_CONFIG, 0, 0o750), (SERVICE_STATE, user.pw_uid, 0o2770)):
            folder.mkdir(parents=True, exist_ok=True)
            os.chown(folder, owner, user.pw_gid)
            folder.chmod(mode)
    except OSError as error:
        raise ServiceError(
            f"{error.filename or _USERADD[0]}: {(error.strerror or str(error)).lower()}"
        ) from error


def hand_over(paths: Iterable[Path]) -> None:
    """Let the service read these files and folders of root's, and nobody else."""
    gid = _user().pw_gid
    for path in paths:
        os.chown(path, 0, gid)
        path.chmod(0o750 if path.is_dir() else 0o640)


def may_read(file: Path) -> bool:
    """Whether it was handed over to the service."""
    try:
        return file.stat().st_gid == pwd.getpwnam(NAME).pw_gid
    except (OSError, KeyError):
        return False


def run(program: Path, *words: str, environ: Mapping[str, str] = _NOTHING) -> int:
    """Let the service's user run this, with no more rights than the service has; the exit code.

    Of `environ` it gets what it has not for itself.
    """
    user = _user()
    own = {"HOME": str(SERVICE_STATE), "PATH": os.defpath, "LANG": os.environ.get("LANG", "C.UTF-8")}
    done = subprocess.run(  # noqa: S603  # our own program
        [program, *words],
        check=False,
        env={**environ, **own},
        cwd="/",
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=_groups(user),
    )
    return done.returncode


def _groups(user: pwd.struct_passwd) -> list[int]:
    """Those that systemd gives the service: the user's, and what drop-ins name."""
    named: list[str] = []
    if systemctl := shutil.which("systemctl"):
        show = (systemctl, "show", "--property=SupplementaryGroups", "--value", unit.NAME)
        named = subprocess.run(show, capture_output=True, text=True, check=False).stdout.split()  # noqa: S603  # fixed words
    of_unit = [group.gr_gid for group in grp.getgrall() if {group.gr_name, str(group.gr_gid)} & {*named}]
    return [*os.getgrouplist(user.pw_name, user.pw_gid), *of_unit]


def _user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        done = subprocess.run(_USERADD, capture_output=True, text=True, check=False)  # noqa: S603  # fixed words
        if done.returncode:
            raise ServiceError(f"the user {NAME!r} cannot be made: {done.stderr.strip()}") from None
    return pwd.getpwnam(NAME)
