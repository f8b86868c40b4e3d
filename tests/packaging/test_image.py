"""The container image, built and started as an engine would, though there is none: buildah, and a chroot."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.test_unattended import asked, free_port
from tests.household import open_household
from tests.once import once
from tests.packaging.machines import PACKAGES, debian, needs, only_deep
from tests.upgrade.old_home import open_old_home
from tests.world import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.household import Household
    from tests.upgrade.old_home import OldHome

ROOT: Final = Path(__file__).parents[2]
pytestmark = only_deep
OURS: Final = 75_000_000
"""Bytes that the image may add to the one that it is built on; Python's slim one has some 120 million."""
START: Final = """\
set -e
mount --rbind "$ROOT" "$ROOT"
mount -o remount,bind,ro "$ROOT"
mount --bind "$CONFIG" "$ROOT/config"
mount --rbind "$MEDIA" "$ROOT/mnt"
mount -o remount,bind,ro "$ROOT/mnt"
mount -t proc proc "$ROOT/proc"
cd "$ROOT"
exec chroot {userspec} "$ROOT" env -i $ENVIRON sh -c 'cd /config; exec "$@"' sh "$@"
"""
"""What an engine does: a read-only root, two mounts, the image's own environment, folder and command."""


@dataclass(frozen=True)
class Image:
    """An image whose files lie in a folder."""

    root: Path
    config: dict[str, Any]
    """What it says of itself."""
    added: int
    """Bytes by which it is larger than its base."""


def sh(*words: str, **environ: str) -> str:
    """What a command prints, which must go well."""
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **environ}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def built(base: Path) -> str:
    """The name of the image that `./dev image` builds on that root."""
    certificates = "--volume /etc/ssl/certs:/etc/ssl/certs:ro"
    return sh("./dev", "image", BASE=str(base), TAG="trailarrd:tested", FLAGS=certificates).splitlines()[-1]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Built on a Debian, as `./dev image` does it where no registry can be reached; or $TRAILARRD_IMAGE."""
    needs("buildah", "unshare")

    def build(_folder: Path) -> str:
        return built(debian(tmp_path_factory, "bookworm", *PACKAGES))

    tag = os.environ.get("TRAILARRD_IMAGE") or once(tmp_path_factory, "image", build)
    container = sh("buildah", "from", tag)
    root = Path(sh("buildah", "mount", container))
    found = json.loads(sh("buildah", "inspect", "--type", "image", tag))["Docker"]["config"]
    added = sum(file.lstat().st_size for file in root.joinpath("opt/trailarrd").rglob("*"))
    yield Image(root, found, added)
    sh("buildah", "rm", container)


@dataclass
class Container:
    """A container that runs."""

    image: Image
    process: subprocess.Popen[bytes]
    log: Path
    port: int
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Of its first process, as this host sees it."""
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])

    def facts(self, name: str) -> list[str]:
        """A line of its first process's status."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(line.split()[1:] for line in lines if line.startswith(f"{name}:"))

    async def execute(self, *words: str) -> subprocess.CompletedProcess[str]:
        """As `docker exec` does it: in its namespaces, by its environment, as root."""
        inside = ["nsenter", "--target", str(self.pid), "--mount", "--pid", "--root", "--wd=/"]
        environ = [f"{name}={value}" for name, value in self.environ.items()]
        command = [*inside, "env", "-i", *environ, *words]
        return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)

    async def until(self, text: str, times: int = 1, within: float = 60.0) -> None:
        """Wait for it in the log."""
        deadline = time.monotonic() + within
        while self.log.read_text().count(text) < times:
            assert time.monotonic() < deadline, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            await asyncio.sleep(0.1)

    async def stop(self) -> tuple[int, float]:
        """As `docker stop`; the exit code, and the seconds that it took."""
        began = time.monotonic()
        os.kill(self.pid, signal.Signals[self.image.config["StopSignal"]])
        return await asyncio.to_thread(self.process.wait, 30), time.monotonic() - began


@contextmanager
def started(
    image: Image, config: Path, media: Path, *, user: str = "", **environ: str
) -> Iterator[Container]:
    """A container of the image by an environment; `user` is the engine's own option."""
    port = free_port()
    values = dict(one.split("=", 1) for one in image.config["Env"])
    values |= {"TRAILARRD_HTTP__LISTEN": f"0.0.0.0:{port}", "TRAILARRD_LOG__FORMAT": "json", **environ}
    script = START.replace("{userspec}", f"--userspec={user}" if user else "")
    log = config.parent / "container.log"
    words = [*image.config["Entrypoint"], *image.config["Cmd"]]
    outside = {
        "PATH": os.environ["PATH"], "ROOT": str(image.root), "CONFIG": str(config), "MEDIA": str(media),
        "ENVIRON": " ".join(f"{name}={value}" for name, value in values.items()),
    }  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", *words],
            env=outside, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield Container(image, process, log, port, values)
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The folder for /config, as an engine makes it."""
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    async with open_household(tmp_path / "home") as household:
        yield household


def fill_in(household: Household, config: Path) -> None:
    """The household's configuration, with the paths that the container has."""
    household.http = "{}"
    household.write_config()
    lines = household.config.read_text().replace(str(household.home), "/mnt").splitlines(keepends=True)
    file, owner = config / "trailarrd.yaml", config.stat()
    file.write_text("".join(line for line in lines if "database:" not in line))
    os.chown(file, owner.st_uid, owner.st_gid)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def owners(folder: Path) -> set[tuple[int, int]]:
    return {(one.lstat().st_uid, one.lstat().st_gid) for one in (folder, *folder.rglob("*"))}


def test_it_says_what_it_is_and_adds_little(image: Image) -> None:
    assert image.config["ExposedPorts"] == {"7979/tcp": {}}
    assert image.config["Volumes"] == {"/config": {}}
    assert image.config["Healthcheck"]["Test"] == ["CMD", "/usr/local/bin/healthcheck"]
    revision = sh("git", "rev-parse", "HEAD")
    assert image.config["Labels"]["org.opencontainers.image.revision"] == revision
    assert image.added < OURS


async def test_a_first_start_with_an_empty_folder_ends_in_a_true_table(
    image: Image, config: Path, household: Household
) -> None:
    with started(
        image, config, household.home, PUID="1234", PGID="2345", UMASK="027", TEST_ARR_KEY=KEY
    ) as container:
        await container.until("setup.code")
        assert container.facts("Uid") == ["1234"] * 4
        assert (container.facts("Gid"), container.facts("Groups")) == (["2345"] * 4, [])
        assert container.facts("Umask") == ["0027"]
        assert (await container.execute(*image.config["Healthcheck"]["Test"][1:])).returncode == 0
        assert (await asked(container.port, "/health"))[0] == 503
        fill_in(household, config)
        await container.until("daemon.ready")
        key = config / "api-key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert owners(config) == {(1234, 2345)}
        await container.until('"refresh.finished"', times=2)
        status, text = await asked(container.port, "/api/v1/connections", key.read_text().strip())
        items = {one["connection"]: one["items"] for one in json.loads(text)["items"]}
        assert (status, items) == (200, {"movies": 3, "series": 3})
        told = await container.execute("trailarrd", "media", "--wants-trailer", "--json")
        assert (told.returncode, len(told.stdout.splitlines())) == (0, 6), told.stderr
        assert (await container.execute("trailarrd", "apikey", "create", "second")).returncode == 0
        assert owners(config) == {(1234, 2345)}, "what is called beside it is that user, too"
        code, seconds = await container.stop()
        assert (code, seconds < 10) == (0, True)
    assert KEY not in container.log.read_text()


async def test_with_user_it_is_that_one_and_says_what_is_ignored(
    image: Image, config: Path, household: Household
) -> None:
    os.chown(config, 4321, 4321)
    fill_in(household, config)
    with started(image, config, household.home, user="4321:4321", PUID="1234", TEST_ARR_KEY=KEY) as container:
        await container.until("daemon.ready")
        assert container.facts("Uid") == ["4321"] * 4
        assert container.facts("CapEff") == ["0000000000000000"]
        assert "so PUID and PGID are ignored" in container.log.read_text()
        assert (await container.stop())[0] == 0


async def test_a_broken_configuration_is_waited_for_and_nothing_is_started_again(
    image: Image, config: Path, household: Household
) -> None:
    fill_in(household, config)
    good = (config / "trailarrd.yaml").read_text()
    (config / "trailarrd.yaml").write_text(good.replace("provider:", "provoder:"))
    with started(image, config, household.home, TEST_ARR_KEY=KEY) as container:
        await container.until("config.awaited")
        assert "provoder" in container.log.read_text()
        (config / "trailarrd.yaml").write_text(good)
        await container.until("daemon.ready")
        assert (await container.stop())[0] == 0


async def test_a_database_of_0_1_0_is_brought_up_to_date(image: Image, config: Path, tmp_path: Path) -> None:
    async with open_old_home("healthy", tmp_path / "home") as old:
        before = old.before()
        move_in(old, config)
        with started(image, config, old.home, **old.variables) as container:
            await container.until('"refresh.finished"', times=2)
            assert {"trailarrd.db.backup-"} & {file.name[:20] for file in files(config)}
            assert (await container.execute("trailarrd", "db", "check")).returncode == 0
            listed = await container.execute("trailarrd", "media", "--json")
            found = {item["id"]: item["intent"] for item in map(json.loads, listed.stdout.splitlines())}
            assert found == {number: item["intent"] for number, item in before.listed.items()}
            assert (await container.stop())[0] == 0


def move_in(old: OldHome, config: Path) -> None:
    """The home's configuration and database, where the container looks for them."""
    shutil.copytree(old.home / "conf.d", config / "conf.d")
    shutil.copy(old.home / "radarr.key", config)
    shutil.copytree(old.database.path.parent, config, dirs_exist_ok=True)
    text = old.config.read_text().replace(f"{old.home}/state", "/config").replace(str(old.home), "/mnt")
    (config / "trailarrd.yaml").write_text(text)
