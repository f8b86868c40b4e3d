"""The Debian package on a machine that has been booted: installed, set up, used by everybody, removed.

A machine costs minutes, so each of its lives is one test, told in the order of its days.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.once import once
from tests.packaging.machines import PACKAGES, Machine, booted, copied, debian, only_deep
from trailarrd.testing.server import API_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
pytestmark = only_deep
FIRST_VERSION: Final = "09f2a6d"
"""The commit of 0.1.0."""
OLD_CONFIG: Final = """\
database: {{url: "sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db"}}
connections:
  - name: movies
    provider: radarr
    url: {url}
    api_key: !file radarr.key
    path_mappings: [{{remote: /films, local: /srv/media/films}}]
"""
FOR_MEDIA: Final = r"[Service]\nSupplementaryGroups=media\nPrivateUsers=no\nWatchdogSec=3s\n"
DROP_INS: Final = "/etc/systemd/system/trailarrd.service.d"
ALL: Final = ("status", "media", "connections", "history", "explain 1", "monitor 1", "refresh", "reload")
"""What whoever may command the service may type."""


def packaged(source: Path, folder: Path) -> str:
    """The package that a clone builds into the folder; clones of 0.1.0 know their own dist alone."""
    python = sys._base_executable  # type: ignore[attr-defined]  # no stub tells it
    done = subprocess.run(
        ["./dev", "deb"], cwd=source, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHON": python, "OUT": str(folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This version's, or the one that $TRAILARRD_DEB names."""
    if found := os.environ.get("TRAILARRD_DEB"):
        return Path(found)
    return Path(once(tmp_path_factory, "deb", lambda folder: packaged(ROOT, folder)))


@pytest.fixture(scope="module")
def old_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of 0.1.0, or the one that $TRAILARRD_OLD_DEB names."""
    if found := os.environ.get("TRAILARRD_OLD_DEB"):
        return Path(found)

    def build(folder: Path) -> str:
        clone = ["git", "clone", "--quiet", "--no-checkout", str(ROOT), str(folder / "clone")]
        checkout = ["git", "-C", str(folder / "clone"), "checkout", "--quiet", FIRST_VERSION]
        if any(subprocess.run(words, check=False).returncode for words in (clone, checkout)):
            return ""
        return packaged(folder / "clone", folder)

    if not (built := once(tmp_path_factory, "deb-of-0.1.0", build)):
        pytest.skip("this clone has no commit of 0.1.0")
    return Path(built)


@contextmanager
def radarr() -> Iterator[str]:
    """A simulated one whose library lies in /films; its address."""
    words = [sys.executable, "-m", "trailarrd.testing.serve", "--items", "6", "--root", "/films"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def lay_media(url: str, root: Path) -> None:
    """Its movies on the machine's disk, in folders that only a group may list."""
    request = urllib.request.Request(f"{url}/api/v3/movie", headers={"X-Api-Key": API_KEY})
    with urllib.request.urlopen(request) as answer:
        movies = json.load(answer)
    for movie in movies:
        folder = root / "srv/media" / movie["path"].strip("/")
        folder.mkdir(parents=True)
        file = movie.get("movieFile", {}).get("relativePath", "movie.nfo")
        (folder / file).touch()
    (root / "root/radarr.key").write_text(f"{API_KEY}\n")


@contextmanager
def machine(factory: pytest.TempPathFactory, folder: Path, url: str, *packages: Path) -> Iterator[Machine]:
    """One with these packages at hand, media for a group alone, who joins the service's, and a stranger."""
    root = copied(debian(factory, "bookworm", *PACKAGES), folder / "machine")
    lay_media(url, root)
    for number, package in enumerate(packages):
        (root / f"root/{number}.deb").write_bytes(package.read_bytes())
    with booted(root) as found:
        found.do("groupadd media; chgrp -R media /srv/media; chmod -R o-rwx,g+rX /srv/media")
        found.do("useradd -m member; useradd -m stranger")
        yield found


def status_text(machine: Machine) -> str:
    return machine.do("systemctl show --property StatusText --value trailarrd").strip()


def main_pid(machine: Machine) -> str:
    return machine.do("systemctl show --property MainPID --value trailarrd").strip()


def is_active_again(machine: Machine, before: str) -> None:
    """Another process than `before` runs, and is ready."""
    check = (
        f"test $(systemctl show -p MainPID --value trailarrd) != {before} && systemctl is-active trailarrd"
    )
    machine.until(check, within=60)


def test_from_the_package_to_a_purge(
    package: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    with radarr() as url, machine(tmp_path_factory, tmp_path, url, package) as host:
        installed_and_set_up(host, url)
        everybody_is_answered(host)
        a_reload_waits_for_its_outcome(host)
        the_status_is_true_within_a_second(host)
        killed_or_hanging_it_comes_again(host)
        with_the_socket_nobody_is_refused(host)
        keys_of_systemd_are_no_trouble_for_others(host)
        an_upgrade_restarts_only_what_will_start(host)
        removed_and_purged(host)


def installed_and_set_up(host: Machine, url: str) -> None:
    said = host.do("dpkg -i /root/0.deb")
    assert "next is 'trailarrd init --system'" in said
    assert host.sh("systemctl is-enabled trailarrd").stdout.strip() == "disabled"
    done = host.sh(f"umask 077; trailarrd init --system --url {url} --key-file /root/radarr.key")
    assert done.returncode == 1, "the service's user may not list the media yet, and is told so"
    assert "[root-unreadable]" in done.stdout
    assert "systemctl enable --now trailarrd" in done.stdout
    assert API_KEY not in done.stdout
    assert "[root-unreadable]" in host.sh("trailarrd check").stdout, "root looks with the service's rights"
    modes = host.do("stat -c '%U:%G %a %n' /etc/trailarrd /etc/trailarrd/* /var/lib/trailarrd").splitlines()
    assert modes == [
        "root:trailarrd 750 /etc/trailarrd",
        "root:trailarrd 750 /etc/trailarrd/connections.d",
        "root:trailarrd 640 /etc/trailarrd/movies.key",
        "root:trailarrd 640 /etc/trailarrd/trailarrd.yaml",
        "trailarrd:trailarrd 2770 /var/lib/trailarrd",
    ]
    host.do("mkdir -p /etc/systemd/system/trailarrd.service.d")
    host.do(
        f"printf '{FOR_MEDIA}' >/etc/systemd/system/trailarrd.service.d/media.conf; systemctl daemon-reload"
    )
    assert "checked as the service's user, trailarrd" in host.do("trailarrd check")
    host.do("systemctl enable --now trailarrd")
    host.until("trailarrd refresh")
    assert len(host.do("trailarrd media --json").splitlines()) == 6


def everybody_is_answered(host: Machine) -> None:
    host.do("usermod -aG trailarrd member")
    for user in ("root", "trailarrd", "member"):
        for words in ALL:
            done = host.sh(
                f"trailarrd {words}" if user == "root" else f"runuser -u {user} -- trailarrd {words}"
            )
            assert done.returncode == 0, (user, words, done.stdout)
    for words in ALL:
        done = host.sh(f"runuser -u stranger -- trailarrd {words}")
        assert done.returncode == 78, (words, done.stdout)
        assert "'sudo usermod -aG trailarrd stranger'" in done.stdout
        assert "movies" not in done.stdout


def a_reload_waits_for_its_outcome(host: Machine) -> None:
    config = "/etc/trailarrd/trailarrd.yaml"
    host.do(f"sed -i 's/monitor: missing/monitor: none/' {config}; systemctl reload trailarrd")
    assert '"mode": "none"' in host.do("trailarrd connections --json")
    host.do(f"sed -i 's/monitor: none/monitro: none/' {config}")
    assert host.sh("systemctl reload trailarrd").returncode != 0
    assert "monitro" in host.do("journalctl --no-pager -u trailarrd -n 30")
    refused = host.sh("trailarrd reload")
    assert (refused.returncode, "monitro" in refused.stdout) == (78, True), refused.stdout
    assert host.sh("systemctl is-active trailarrd").stdout == "active\n"
    host.do(f"sed -i 's/monitro: none/monitor: missing/' {config}; trailarrd reload")


def the_status_is_true_within_a_second(host: Machine) -> None:
    host.do("trailarrd refresh; sleep 1.5")
    assert status_text(host).startswith("idle; next is movies")


def killed_or_hanging_it_comes_again(host: Machine) -> None:
    before = main_pid(host)
    host.do(f"kill -9 {before}")
    is_active_again(host, before)
    before = main_pid(host)
    host.do(f"kill -STOP {before}")
    is_active_again(host, before)
    assert host.do("trailarrd db check")


def with_the_socket_nobody_is_refused(host: Machine) -> None:
    host.do("systemctl stop trailarrd; systemctl enable --now trailarrd.socket; systemctl start trailarrd")
    host.do("systemctl restart --no-block trailarrd")
    ask = "r.urlopen('http://127.0.0.1:7979/health/live', timeout=20)"
    host.do(f'python3 -c "import urllib.request as r; [{ask} for _ in range(40)]"')


def keys_of_systemd_are_no_trouble_for_others(host: Machine) -> None:
    """A key that only root and the service have, as `LoadCredential=` gives it."""
    host.do("install -m 0600 /root/radarr.key /etc/trailarrd/movies.key; rm /root/radarr.key")
    host.do("sed -i 's/!file movies.key/!credential radarr/' /etc/trailarrd/trailarrd.yaml")
    drop_in = f"{DROP_INS}/key.conf"
    host.do(f"printf '[Service]\\nLoadCredential=radarr:/etc/trailarrd/movies.key\\n' >{drop_in}")
    host.do("systemctl daemon-reload; systemctl restart trailarrd")
    for words in ("status", "media", "refresh", "monitor 2"):
        host.until(f"runuser -u member -- trailarrd {words}")


def an_upgrade_restarts_only_what_will_start(host: Machine) -> None:
    """By the keys and the environment that only the service has."""
    config, before = "/etc/trailarrd/trailarrd.yaml", main_pid(host)
    host.do("dpkg -i /root/0.deb")
    is_active_again(host, before)
    host.do(f"sed -i 's/monitor: missing/monitro: missing/' {config}")
    before = main_pid(host)
    said = host.do("dpkg -i /root/0.deb")
    assert "unknown key 'monitro'" in said
    assert "the version from before runs on" in said
    assert main_pid(host) == before
    host.do(f"sed -i 's/monitro: missing/monitor: missing/' {config}; systemctl restart trailarrd")
    host.until("trailarrd refresh")


def removed_and_purged(host: Machine) -> None:
    host.do("dpkg -r trailarrd")
    assert host.sh("systemctl is-active trailarrd").stdout.strip() != "active"
    assert host.do("ls /etc/trailarrd /var/lib/trailarrd/trailarrd.db")
    said = host.do("dpkg -P trailarrd")
    assert "rm -r /etc/trailarrd /etc/systemd/system/trailarrd.service.d /var/lib/trailarrd" in said
    assert "userdel trailarrd" in said
    assert host.do("ls /var/lib/trailarrd/trailarrd.db")


def test_from_0_1_0_and_by_hand(
    package: Path, old_package: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    with radarr() as url, machine(tmp_path_factory, tmp_path, url, old_package, package) as host:
        upgraded_from_0_1_0(host, url)
        run_by_hand_for_the_system(host)
        run_by_hand_for_one_user(host, url)


def upgraded_from_0_1_0(host: Machine, url: str) -> None:
    host.do("dpkg -i /root/0.deb; chmod -R o+rX /srv/media")
    config = "/etc/trailarrd/trailarrd.yaml"
    host.do(f"cat >{config} <<'END'\n{OLD_CONFIG.format(url=url)}END\n")
    host.do("install -m 0640 -g trailarrd /root/radarr.key /etc/trailarrd/radarr.key")
    host.do("systemctl enable --now trailarrd")
    old = "runuser -u trailarrd -- trailarrd"
    host.until(f"{old} media --json | grep -c title | grep -q 6")
    host.do(f"{old} monitor 1")
    before = main_pid(host)
    host.do("dpkg --force-confold -i /root/1.deb")
    is_active_again(host, before)
    assert host.do(f"head -1 {config}").startswith("database:")
    assert host.do("ls /var/lib/trailarrd/trailarrd.db.backup-*")
    host.do("usermod -aG trailarrd member")
    items = host.do("runuser -u member -- trailarrd media --json").splitlines()
    intents = {item["id"]: item["intent"] for item in map(json.loads, items)}
    assert (len(intents), intents[1]) == (6, True)
    assert host.do("runuser -u member -- trailarrd refresh")


def run_by_hand_for_the_system(host: Machine) -> None:
    """As pip and pipx leave it: a program of one's own, and no unit."""
    host.do("python3 -m venv --without-pip /opt/mine")
    host.do("cp -R /opt/trailarrd/lib/. /opt/mine/lib/python3*/site-packages")
    start = r"#!/opt/mine/bin/python\nfrom trailarrd.cli import main\nmain()\n"
    host.do(f"printf '{start}' >/opt/mine/bin/trailarrd; chmod 755 /opt/mine/bin/trailarrd")
    refused = host.sh("/opt/mine/bin/trailarrd service install")
    assert (refused.returncode, "systemctl enable --now trailarrd" in refused.stdout) == (1, True)
    host.do("dpkg -r trailarrd")
    host.do("/opt/mine/bin/trailarrd service install")
    host.until("/opt/mine/bin/trailarrd service status")
    host.until("runuser -u member -- /opt/mine/bin/trailarrd status")
    host.do("systemctl reload trailarrd")
    said = host.do("/opt/mine/bin/trailarrd service uninstall")
    assert "rm -r /var/lib/trailarrd" in said
    assert host.sh("systemctl is-active trailarrd").stdout.strip() != "active"
    assert host.sh("ls /etc/systemd/system/trailarrd.service").returncode


def run_by_hand_for_one_user(host: Machine, url: str) -> None:
    host.do("install -m 0600 -o stranger /root/radarr.key /home/stranger/radarr.key")
    uid = host.do("id -u stranger").strip()
    environ = f"HOME=/home/stranger XDG_RUNTIME_DIR=/run/user/{uid}"
    host.do(f"mkdir -p /run/user/{uid}; chown stranger /run/user/{uid}")
    # As logging in starts it, on a machine without what that takes.
    started = f"systemd-run --uid=stranger -p Delegate=yes env {environ} /lib/systemd/systemd --user"
    host.do(started)
    mine = f"runuser -u stranger -- env {environ} /opt/mine/bin/trailarrd"
    host.do(f"cd /home/stranger; {mine} init --url {url} --key-file radarr.key")
    host.do(f"{mine} service install")
    host.until(f"{mine} service status")
    host.until(f"{mine} media --json | grep -c title | grep -q 6")
    host.do(f"{mine} reload")
    host.do(f"{mine} service uninstall")
    time.sleep(0.5)
    assert "no daemon runs" in host.sh(f"{mine} status").stdout
