"""The Debian package, built as a user builds it and installed into a root of its own."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.depth import IS_DEEP
from tests.once import once
from tests.packaging.machines import PACKAGES, copied, debian, only_deep

ROOT: Final = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif(
        shutil.which("dpkg-deb") is None or os.geteuid() != 0,
        reason="a Debian package is built where there is dpkg-deb, and installed by root",
    ),
    pytest.mark.timeout(900),
]
CLEAN: Final = "HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8"
DPKG: Final = ("dpkg", "--force-script-chrootless", "--force-depends")


def sh(*words: str, **environ: str) -> str:
    """What a command prints, which must go well."""
    # Who became root by `su` may have the PATH of a user, and dpkg wants ldconfig.
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path, **environ},
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built now, once for all processes that test; or the one that $TRAILARRD_DEB names.

    For the Python that runs here, which has what the libraries need; under `./dev deep` for all, by one that
    has nothing for it, as a user's.
    """
    if built := os.environ.get("TRAILARRD_DEB"):
        return Path(built)
    python = sys._base_executable if IS_DEEP else sys.executable  # type: ignore[attr-defined]  # no stub tells it
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    choice = {} if IS_DEEP else {"PYTHONS": here, "PIP_NO_DEPS": "1"}

    def build(folder: Path) -> str:
        return sh("./dev", "deb", PYTHON=python, OUT=str(folder), **choice).splitlines()[-1]

    return Path(once(tmp_path_factory, "deb", build))


def install(package: Path, root: Path) -> Path:
    """Let dpkg install it into that root, scripts and all."""
    for folder in ("etc", "var/lib/dpkg/updates", "var/lib/dpkg/info"):
        (root / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    for name in ("shadow", "gshadow"):
        (root / "etc" / name).touch()
    sh(*DPKG, f"--root={root}", "--install", str(package))
    return root


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root into which it is installed."""
    return install(package, tmp_path_factory.mktemp("root"))


def trailarrd(root: Path, *words: str) -> str:
    """The installed command, run by the Python that it was built for, with nothing else in sight."""
    return sh(sys.executable, "-I", str(root / "opt/trailarrd/bin/trailarrd"), *words, PYTHONPATH="")


def test_the_command_runs_and_finds_its_plugins(installed: Path) -> None:
    assert "trailarrd, version 0." in trailarrd(installed, "--version")
    listed = trailarrd(installed, "plugins")
    assert [word for word in ("radarr", "sonarr", "lidarr") if word not in listed] == []
    assert (installed / "usr/bin/trailarrd").resolve() == installed / "opt/trailarrd/bin/trailarrd"


def test_a_user_and_his_folders_which_his_group_may_use_and_others_cannot_look_into(
    installed: Path,
) -> None:
    user = re.search(r"^trailarrd:x:(\d+):(\d+):.*:/var/lib/trailarrd:/usr/sbin/nologin$",
                     (installed / "etc/passwd").read_text(), re.MULTILINE)  # fmt: skip
    assert user
    found = {
        name: (stat.S_IMODE((installed / name).stat().st_mode), (installed / name).stat().st_gid)
        for name in ("etc/trailarrd", "var/lib/trailarrd")
    }
    gid = int(user[2])
    assert found == {
        "etc/trailarrd": (0o750, gid),
        "var/lib/trailarrd": (0o2770, gid),
    }
    assert (installed / "var/lib/trailarrd").stat().st_uid == int(user[1])


def test_the_manual_and_the_completion_of_every_shell_are_there(installed: Path) -> None:
    share = installed / "usr/share"
    page = gzip.decompress((share / "man/man1/trailarrd.1.gz").read_bytes()).decode()
    assert page.startswith(".TH TRAILARRD 1 ")
    completions = ("bash-completion/completions/trailarrd", "zsh/vendor-completions/_trailarrd")
    for name in (*completions, "fish/vendor_completions.d/trailarrd.fish"):
        assert "_TRAILARRD_COMPLETE" in (share / name).read_text()


def test_the_unit_starts_the_program_that_is_there(installed: Path) -> None:
    unit = (installed / "usr/lib/systemd/system/trailarrd.service").read_text()
    (program,) = re.findall(r"^ExecStart=/(\S+)", unit, re.MULTILINE)
    assert os.access(installed / program, os.X_OK)


def test_nothing_in_it_tells_where_it_was_built(package: Path, tmp_path: Path) -> None:
    """No path of this machine, no note of where a wheel came from, nothing compiled."""
    sh("dpkg-deb", "--extract", str(package), str(tmp_path))
    lib = tmp_path / "opt/trailarrd/lib"
    assert list(lib.rglob("direct_url.json")) == []
    assert list(lib.rglob("__pycache__")) == []
    here = str(ROOT).encode()
    assert [file for file in tmp_path.glob("opt/**/*") if file.is_file() and here in file.read_bytes()] == []


def test_what_the_user_wrote_outlives_an_upgrade_and_a_removal(package: Path, tmp_path: Path) -> None:
    installed = install(package, tmp_path)
    config, database = (
        installed / "etc/trailarrd/trailarrd.yaml",
        installed / "var/lib/trailarrd/trailarrd.db",
    )
    config.write_text("connections: mine\n")
    config.chmod(0o644)
    database.write_text("mine")
    database.chmod(0o600)  # as 0.1.0 made it
    sh(*DPKG, f"--root={installed}", "--force-confold", "--install", str(package))
    assert config.read_text() == "connections: mine\n"
    modes = [stat.S_IMODE(file.stat().st_mode) for file in (config, database)]
    assert modes == [0o640, 0o660], "for the group, too, and for nobody else"
    sh(*DPKG, f"--root={installed}", "--remove", "trailarrd")
    assert (config.read_text(), database.read_text()) == ("connections: mine\n", "mine")
    assert not (installed / "opt/trailarrd/lib").exists()
    said = sh(*DPKG, f"--root={installed}", "--purge", "trailarrd")
    assert (config.exists(), database.read_text()) == (False, "mine")
    assert "rm -r /var/lib/trailarrd\n  userdel trailarrd" in said


@pytest.mark.parametrize(
    ("release", "python"),
    [
        pytest.param(release, python, marks=only_deep)
        for release, python in (("bookworm", "3.11"), ("noble", "3.12"), ("trixie", "3.13"))
    ],
)
def test_each_system_that_it_is_for_installs_it_and_refreshes_by_its_own_python(
    package: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, release: str, python: str
) -> None:
    packages = PACKAGES if release == "bookworm" else ("python3",)
    root = copied(debian(tmp_path_factory, release, *packages), tmp_path / release)
    shutil.copy(package, root / "root/trailarrd.deb")
    script = "python3 --version && dpkg -i /root/trailarrd.deb && trailarrd demo"
    inside = f'mount -t proc proc "{root}/proc"; exec chroot "{root}" env -i {CLEAN} sh -c "{script}"'
    said = sh("unshare", "--mount", "--pid", "--fork", "sh", "-c", inside)
    assert said.startswith(f"Python {python}.")
    assert "Next, with your own servers" in said
