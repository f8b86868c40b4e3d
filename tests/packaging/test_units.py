"""The systemd units are valid, hardened, and say what the program needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from trailarrd.errors import ServiceError
from trailarrd.service.unit import Unit, must_be_reachable

ROOT: Final = Path(__file__).parents[2]
PACKAGING: Final = ROOT / "packaging"
UNITS: Final = ROOT / "trailarrd/service"
SERVICE: Final = (UNITS / "trailarrd.service").read_text(encoding="utf-8")
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
    shutil.copy(UNITS / "trailarrd.socket", folder)
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
        "ExecReload=/opt/trailarrd/bin/trailarrd --config /etc/trailarrd/trailarrd.yaml reload",
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

    socket = (UNITS / "trailarrd.socket").read_text(encoding="utf-8")
    settings = HttpSettings()
    assert f"ListenStream={settings.host}:{settings.port}" in socket.splitlines()


def test_who_came_by_pipx_gets_the_unit_with_his_own_program_and_configuration() -> None:
    program, config = Path("/home/me/.local/my %envs/bin/trailarrd"), Path("/home/me/trailarrd.yaml")
    told = '"/home/me/.local/my %%envs/bin/trailarrd" --config /home/me/trailarrd.yaml'
    of_user = Unit.of_user({"HOME": "/home/me"})
    for unit in (Unit.of_system(), of_user):
        text = unit.text(program, config)
        assert f"ExecStart={told} run\n" in text
        assert f"ExecReload={told} reload\n" in text
        assert "/opt/trailarrd" not in text
    assert of_user.path == Path("/home/me/.config/systemd/user/trailarrd.service")
    assert "User=" not in of_user.text(program, config)


@needs_systemd
def test_systemd_finds_nothing_wrong_with_a_users_unit(tmp_path: Path) -> None:
    unit = tmp_path / "trailarrd.service"
    unit.write_text(Unit.of_user({"HOME": "/home/me"}).text(Path("/bin/true"), Path("/home/me/x.yaml")))
    assert analyze("verify", str(unit)) == ""


def test_a_program_in_a_home_is_not_for_the_services_user(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "trailarrd").touch(mode=0o755)
    with pytest.raises(ServiceError, match="who may not look into"):
        must_be_reachable(tmp_path / "trailarrd")
