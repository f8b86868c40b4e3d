"""The user that the system's service runs as, and the folders that are his; for root to make."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from trailarrd.config.location import SERVICE_CONFIG, SERVICE_STATE
from trailarrd.errors import ServiceError

NAME: Final = "trailarrd"
"""Of the user and of his group."""
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


def hand_over(files: Iterable[Path]) -> None:
    """Let the service read these files of root's, and nobody else."""
    gid = _user().pw_gid
    for file in files:
        os.chown(file, 0, gid)
        file.chmod(0o640)


def run(program: Path, *words: str) -> int:
    """Let the service's user run this, with no more rights than the service has; the exit code."""
    user = _user()
    environ = {"HOME": str(SERVICE_STATE), "PATH": os.defpath, "LANG": os.environ.get("LANG", "C.UTF-8")}
    done = subprocess.run(  # noqa: S603  # our own program
        [program, *words],
        check=False,
        env=environ,
        cwd="/",
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=(),
    )
    return done.returncode


def _user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        done = subprocess.run(_USERADD, capture_output=True, text=True, check=False)  # noqa: S603  # fixed words
        if done.returncode:
            raise ServiceError(f"the user {NAME!r} cannot be made: {done.stderr.strip()}") from None
    return pwd.getpwnam(NAME)
