"""Whole machines to try a release on: a Debian in a folder, and one that has been booted.

Only `./dev deep` makes them. They need root, debootstrap and systemd-nspawn, and where packages come from;
without any of these the tests are skipped, with the reason. $TRAILARRD_ROOTS names a folder that keeps what
debootstrap has made.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.depth import IS_DEEP
from tests.once import once

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES: Final = ("systemd", "systemd-sysv", "dbus", "python3", "python3-venv", "ca-certificates")
"""What every test of a machine needs at most, so that one is made for all."""
_UBUNTU: Final = ("noble",)
_UBUNTU_SOURCE: Final = ["http://archive.ubuntu.com/ubuntu", "/usr/share/debootstrap/scripts/gutsy"]
_UBUNTU_KEYS: Final = Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")
_BOOT: Final = 60.0
"""Seconds."""
_CLEAN: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}

only_deep: Final = [
    pytest.mark.deep,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not IS_DEEP, reason="a whole machine: only in ./dev deep"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a machine is made and booted by root"),
]


def needs(*programs: str) -> None:
    """Skip the test where one of them is missing."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def debian(factory: pytest.TempPathFactory, release: str, *packages: str) -> Path:
    """A root file system with these packages, made once; look at it, and change none but a copy."""
    needs("debootstrap")
    keyring, source = ([], []) if release not in _UBUNTU else ([f"--keyring={_UBUNTU_KEYS}"], _UBUNTU_SOURCE)

    def make(folder: Path) -> str:
        kept = os.environ.get("TRAILARRD_ROOTS")
        target = Path(kept, release) if kept else folder / release
        if not (target / "etc/debian_version").exists():
            done = subprocess.run(
                ["debootstrap", "--variant=minbase", f"--include={','.join(packages)}", *keyring,
                 release, str(target), *source],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                return f"debootstrap cannot make {release}: {done.stdout.strip().splitlines()[-1:]}"
            for cache in ("var/cache/apt/archives", "var/lib/apt/lists"):  # a third of it
                shutil.rmtree(target / cache, ignore_errors=True)
        return str(target)

    made = once(factory, f"debian-{release}", make)
    if not made.startswith("/"):
        pytest.skip(made)
    return Path(made)


def copied(root: Path, to: Path) -> Path:
    """The same root once more, to be changed."""
    subprocess.run(["cp", "--archive", "--reflink=auto", str(root), str(to)], check=True)
    return to


@dataclass(frozen=True)
class Machine:
    """A Debian that runs by its own systemd; it shares this host's loopback."""

    root: Path
    init: int
    """The process number of its systemd, as this host sees it."""

    def sh(self, script: str, user: str = "root") -> subprocess.CompletedProcess[str]:
        """A shell script, as that user has it after logging in; its output is one stream."""
        inside = ["nsenter", "--target", str(self.init), "--all", "env", "-i"]
        inside += [f"{name}={value}" for name, value in _CLEAN.items()]
        words = ["sh", "-c", script] if user == "root" else ["runuser", "-l", user, "-c", script]
        return subprocess.run(
            [*inside, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )

    def do(self, script: str, user: str = "root") -> str:
        """The same, which must go well; its output."""
        done = self.sh(script, user)
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    def until(self, script: str, within: float = 30.0) -> str:
        """Try it until it goes well; its output."""
        deadline = time.monotonic() + within
        while (done := self.sh(script)).returncode:
            assert time.monotonic() < deadline, f"{script}\n{done.stdout}"
            time.sleep(0.2)
        return done.stdout


@contextmanager
def booted(root: Path) -> Iterator[Machine]:
    """A machine of that root, which it changes; it is off in the end."""
    needs("systemd-nspawn", "nsenter")
    with (root.parent / f"{root.name}.console").open("wb") as console:
        process = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", str(root), "-b", "--register=no", "--keep-unit"],
            stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            machine = Machine(root, _init_of(process))
            machine.until("systemctl is-system-running | grep -Eq 'running|degraded'", _BOOT)
            yield machine
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _init_of(process: subprocess.Popen[bytes]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + _BOOT
    while time.monotonic() < deadline and process.poll() is None:
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.1)
    pytest.skip("systemd-nspawn cannot boot a machine here")
