"""The systemd units are valid, hardened, and say what the program needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGING: Final = ROOT / "packaging"
SERVICE: Final = (PACKAGING / "trailarrd.service").read_text(encoding="utf-8")
ANALYZE: Final = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="there is no systemd-analyze on this host")
WORST: Final = 1.5


def analyze(*words: str) -> str:
    """What systemd-analyze has to say, which must be no error."""
    assert ANALYZE
    done = subprocess.run([ANALYZE, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def put(folder: Path) -> list[str]:
    """The units as they are installed, but with a program that is here."""
    folder.mkdir()
    service = SERVICE.replace("/opt/trailarrd/bin/trailarrd", "/bin/true")
    (folder / "trailarrd.service").write_text(service)
    shutil.copy(PACKAGING / "trailarrd.socket", folder)
    return [str(folder / "trailarrd.service"), str(folder / "trailarrd.socket")]


def exposure(unit: str) -> float:
    """How much the service could do, from 0 to 10."""
    match = re.search(
        r"Overall exposure level for \S+: ([0-9.]+)", analyze("security", "--offline=true", unit)
    )
    assert match
    return float(match[1])


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    assert analyze("verify", *put(tmp_path / "units")) == ""


@needs_systemd
def test_the_service_may_do_next_to_nothing(tmp_path: Path) -> None:
    service, _ = put(tmp_path / "units")
    assert exposure(service) <= WORST


@needs_systemd
def test_with_write_access_to_media_it_is_still_locked_in(tmp_path: Path) -> None:
    units = put(tmp_path / "units")
    dropins = tmp_path / "units" / "trailarrd.service.d"
    dropins.mkdir()
    shutil.copy(PACKAGING / "examples/media.conf", dropins)
    assert analyze("verify", *units) == ""
    assert exposure(units[0]) <= WORST + 0.5


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "StateDirectory=trailarrd",
        "ConfigurationDirectory=trailarrd",
        "RestartPreventExitStatus=78",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "User=trailarrd",
    ],
)
def test_the_service_says(line: str) -> None:
    assert line in SERVICE.splitlines()


def test_the_socket_is_the_one_that_the_daemon_would_open_itself() -> None:
    from trailarrd.config.model import HttpSettings

    socket = (PACKAGING / "trailarrd.socket").read_text(encoding="utf-8")
    settings = HttpSettings()
    assert f"ListenStream={settings.host}:{settings.port}" in socket.splitlines()
