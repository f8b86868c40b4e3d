"""What the image is made of, tried without an engine: its command, its health check, and the manifests."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from trailarrd.config import Settings, load
from trailarrd.config.scaffold import write_blank
from trailarrd.web.server import listen, serving
from trailarrd.web.waiting import waiting_application

ROOT: Final = Path(__file__).parents[2]
CONTAINER: Final = ROOT / "packaging/container"
COMMAND: Final = (CONTAINER / "trailarrd").read_text(encoding="utf-8")
CONTAINERFILE: Final = (CONTAINER / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
VERSION: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
STAND_IN: Final = """\
#!/bin/sh
printf '%s\\n' "$(id -u):$(id -g)" "$(id -G)" "$(umask)" "$HOME" "$*"
"""
"""In place of trailarrd: tells as whom it was called."""
AS_USER: Final = """\
import contextlib, os, signal, sys
os.setgroups([]); os.setgid(4321); os.setuid(4321)
exec(open(sys.argv.pop(1)).read())
"""
"""As an engine starts it that was told `user:`; Python itself may lie where that user cannot look."""


def environment(part: str) -> dict[str, str]:
    """What the image puts into it."""
    return dict(re.findall(r"([A-Z_]+)=(\S+)", re.findall(rf"^{part} (.+)", CONTAINERFILE, re.MULTILINE)[0]))


class Image:
    """The image's command in a folder for all users, with a stand-in for the program."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config"
        self.config.mkdir()
        self._command, program = folder / "trailarrd", folder / "program"
        self._command.write_text(COMMAND.replace("/opt/trailarrd/bin/trailarrd", str(program)))
        program.write_text(STAND_IN)
        program.chmod(0o755)

    def start(
        self, environ: Mapping[str, str] | None = None, *, before: Sequence[str] = (), as_user: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Called with two words; `before` stands before it."""
        python = [sys.executable, "-I", *(("-c", AS_USER) if as_user else ()), str(self._command)]
        environ = {"PATH": os.environ["PATH"], "STATE_DIRECTORY": str(self.config), **(environ or {})}
        words = [*before, *python, "run", "--unattended"]
        return subprocess.run(words, env=environ, cwd="/", capture_output=True, text=True, check=False)


@pytest.fixture
def image() -> Iterator[Image]:
    """In a folder of its own: pytest's are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="trailarrd-image-"))
    folder.chmod(0o755)
    yield Image(folder)
    shutil.rmtree(folder)


@as_root
@pytest.mark.parametrize(
    ("environ", "ids", "umask"),
    [
        ({}, "1000:1000", "0022"),
        ({"PUID": "1234", "PGID": "2345", "UMASK": "002"}, "1234:2345", "0002"),
        ({"PUID": "", "PGID": "", "UMASK": ""}, "1000:1000", "0022"),
    ],
)
def test_root_becomes_whom_the_variables_name(
    image: Image, environ: dict[str, str], ids: str, umask: str
) -> None:
    done = image.start(environ)
    assert (done.returncode, done.stderr) == (0, "")
    groups = ids.partition(":")[2]
    assert done.stdout.splitlines() == [ids, groups, umask, str(image.config), "run --unattended"]


@as_root
def test_what_root_made_in_the_folder_is_handed_over_and_nothing_else(image: Image) -> None:
    outside = image.config.parent / "outside"
    for name in ("config/trailarrd.yaml", "config/theirs", "outside"):
        (image.config.parent / name).touch()
    os.chown(image.config / "theirs", 77, 77)
    (image.config / "link").symlink_to(outside)
    image.start({"PUID": "1234"})
    owners = {path.name: path.lstat().st_uid for path in (image.config, *image.config.iterdir(), outside)}
    assert owners == {"config": 1234, "trailarrd.yaml": 1234, "link": 1234, "theirs": 77, "outside": 0}


@as_root
def test_who_is_started_as_a_user_is_told_that_the_variables_are_ignored(image: Image) -> None:
    image.config.chmod(0o777)
    done = image.start({"PUID": "1234"}, as_user=True)
    assert done.stdout.startswith("4321:4321\n")
    assert "started as 4321:4321 by 'user:', so PUID and PGID are ignored" in done.stderr
    assert image.start(as_user=True).stderr == ""


@as_root
def test_a_folder_that_cannot_be_written_is_said_with_what_to_do(image: Image) -> None:
    os.chown(image.config, 77, 77)
    assert f"{image.config} is not writable for 1000:1000; make them its owner" in image.start().stderr


@as_root
def test_what_is_no_number_ends_it_before_anything_is_done(image: Image) -> None:
    done = image.start({"PUID": "abc"})
    assert (done.returncode, done.stderr) == (1, "trailarrd: PUID is 'abc', which is no number\n")


@as_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="capabilities are taken away by setpriv")
def test_root_without_capabilities_says_which_are_missing(image: Image) -> None:
    done = image.start(before=("setpriv", "--bounding-set=-all"))
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        "leave the container the capabilities CHOWN, SETUID and SETGID, or start it with 'user:'"
        in done.stderr
    )


async def test_the_health_check_asks_whether_the_process_lives() -> None:
    opened = listen("127.0.0.1", 0)
    port = opened.getsockname()[1]
    environ = {"TRAILARRD_HTTP__LISTEN": f"0.0.0.0:{port}", "TRAILARRD_HTTP__BASE_PATH": "/below/"}
    ask = [sys.executable, "-I", str(CONTAINER / "healthcheck")]

    async def code() -> int:
        process = await asyncio.create_subprocess_exec(*ask, env=environ, stderr=asyncio.subprocess.DEVNULL)
        return await process.wait()

    async with serving(waiting_application("/below"), opened):
        assert await code() == 0
    assert await code() == 1


def test_the_images_environment_means_what_the_page_says(tmp_path: Path) -> None:
    write_blank(tmp_path / "trailarrd.yaml")
    written = (tmp_path / "trailarrd.yaml").read_text()
    filled_in = re.sub(
        r"^#(?! trailarrd|.*file by itself| it, and| are and)", "", written, flags=re.MULTILINE
    )
    (tmp_path / "trailarrd.yaml").write_text(filled_in)
    environ = environment("ENV") | {"RADARR_API_KEY": "a", "SONARR_API_KEY": "b"}
    settings = load(tmp_path / "trailarrd.yaml", providers=["radarr", "sonarr"], environ=environ)
    assert [one.name for one in settings.connections] == ["movies", "series"]
    assert settings.database.url == "sqlite+aiosqlite:////config/trailarrd.db"
    assert (settings.http.listen, settings.watch_config) == ("0.0.0.0:7979", True)
    assert f"EXPOSE {settings.http.port}\n" in CONTAINERFILE


@pytest.mark.parametrize("word", ["title", "description", "licenses", "version", "revision"])
def test_the_image_is_labelled(word: str) -> None:
    assert f"org.opencontainers.image.{word}=" in CONTAINERFILE


def test_the_image_starts_by_a_command_that_is_no_shell() -> None:
    assert (
        'ENTRYPOINT ["/usr/local/bin/trailarrd"]\nCMD ["run", "--unattended", "--setup"]\n' in CONTAINERFILE
    )
    assert 'CMD ["/usr/local/bin/healthcheck"]' in CONTAINERFILE
    asked = (CONTAINER / "healthcheck").read_text(encoding="utf-8")
    assert '"/health/live"' in asked, "and nothing that a restart cannot help with"


def test_compose_brings_servers_and_media_at_the_same_paths() -> None:
    services: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text())["services"]
    ours = services["trailarrd"]
    assert ours["image"] == f"trailarrd:{VERSION}"
    assert (CONTAINER / ours["build"]["context"] / ours["build"]["dockerfile"]).is_file()
    assert (ours["ports"], ours["read_only"], ours["cap_drop"]) == (["7979:7979"], True, ["ALL"])
    assert {"PUID", "PGID", "UMASK", "TZ", "RADARR_API_KEY", "SONARR_API_KEY"} == ours["environment"].keys()
    media = {volume.removesuffix(":ro") for volume in ours["volumes"] if volume.endswith(":ro")}
    theirs = {volume for name in ("radarr", "sonarr") for volume in services[name]["volumes"]}
    assert media == {volume for volume in theirs if "MEDIA" in volume}


def test_the_plain_image_is_the_one_that_is_built_where_none_is_named() -> None:
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", CONTAINERFILE, re.MULTILINE)
    assert [name for _, name in stages] == ["build", "build-download", "settings", "download", ""]
    *_, download, plain = re.split(r"^FROM ", CONTAINERFILE, flags=re.MULTILINE)
    assert "ffmpeg" in download
    assert plain.split() == ["settings", "COPY", "--from=build", "/opt/trailarrd", "/opt/trailarrd"]


def test_compose_has_a_profile_with_writable_media_and_a_volume_for_downloads() -> None:
    compose: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    plain, loads = compose["services"]["trailarrd"], compose["services"]["trailarrd-downloads"]
    assert (loads["extends"], loads["profiles"]) == ({"service": "trailarrd"}, ["downloads"])
    assert (loads["image"], loads["build"]) == (f"trailarrd:{VERSION}-download", {"target": "download"})
    media = {volume.removesuffix(":ro") for volume in plain["volumes"] if volume.endswith(":ro")}
    assert set(loads["volumes"]) == {*media, "downloads:/downloads"}
    assert loads["environment"]["TRAILARRD_DOWNLOAD__WORK"] == "/downloads"
    assert "downloads" in compose["volumes"]


def manifests(file: str = "kubernetes.yaml") -> dict[str, Any]:
    documents = yaml.safe_load_all((CONTAINER / file).read_text())
    return {document["kind"]: document for document in documents}


def settings_in_kubernetes(found: dict[str, Any], folder: Path) -> Settings:
    """What its configuration says, with the secrets in that folder."""
    for name in found["Secret"]["stringData"]:
        (folder / name).write_text("key")
    text = found["ConfigMap"]["data"]["trailarrd.yaml"].replace("/keys/", f"{folder}/")
    (folder / "trailarrd.yaml").write_text(text)
    environ = environment("ENV") | {"HOME": "/config"}
    return load(folder / "trailarrd.yaml", providers=["radarr", "sonarr"], environ=environ)


def test_compose_with_a_server_has_two_daemons_of_one_database_on_hosts_that_keep_their_names(
    tmp_path: Path,
) -> None:
    services = yaml.safe_load((CONTAINER / "compose.postgres.yaml").read_text())["services"]
    one, other, server = services["trailarrd-a"], services["trailarrd-b"], services["db"]
    assert one["image"] == other["image"] == f"trailarrd:{VERSION}"
    assert one["environment"] == other["environment"]
    assert (one["hostname"], other["hostname"]) == ("nas-a", "nas-b")
    assert one["volumes"][0] == other["volumes"][0], "one configuration"
    assert {"./state-a:/config", "./state-b:/config"} <= {*one["volumes"], *other["volumes"]}
    assert server["environment"]["POSTGRES_PASSWORD"] == one["environment"]["TRAILARRD_DATABASE__PASSWORD"]
    (tmp_path / "trailarrd.yaml").write_text(
        "connections:\n  - {name: series, provider: sonarr, url: 'http://sonarr:8989', api_key: k}\n"
    )
    environ = {**one["environment"], "TRAILARRD_DAEMON__SERVES": "series"}
    environ.pop("TRAILARRD_CONFIG")
    settings = load(tmp_path / "trailarrd.yaml", providers=["sonarr"], environ=environ)
    assert settings.database.url == "postgresql+asyncpg://trailarrd@db/trailarrd"
    assert settings.daemon.serves == ("series",)


def test_kubernetes_with_a_server_has_two_daemons_with_names_that_stay(tmp_path: Path) -> None:
    found = manifests("kubernetes.postgres.yaml")
    pods = found["StatefulSet"]["spec"]
    (pod,) = pods["template"]["spec"]["containers"]
    assert (pod["image"], pods["replicas"]) == (f"trailarrd:{VERSION}", 2)
    volumes = {volume["name"] for volume in pods["template"]["spec"]["volumes"]}
    assert {mount["name"] for mount in pod["volumeMounts"]} == volumes
    settings = settings_in_kubernetes(found, tmp_path)
    assert settings.database.url.startswith("postgresql+asyncpg://")
    assert settings.database.password
    assert len(settings.served) == 2


def test_kubernetes_runs_one_of_it_by_a_configuration_without_mistakes(tmp_path: Path) -> None:
    found = manifests()
    (pod,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert (pod["image"], found["Deployment"]["spec"]["replicas"]) == (f"trailarrd:{VERSION}", 1)
    assert pod["ports"] == [{"name": "http", "containerPort": 7979}]
    mounts = {mount["name"] for mount in pod["volumeMounts"]}
    volumes = found["Deployment"]["spec"]["template"]["spec"]["volumes"]
    assert mounts == {volume["name"] for volume in volumes}
    assert len(settings_in_kubernetes(found, tmp_path).connections) == 2


def probes() -> dict[str, str]:
    """By name the path that each asks."""
    (pod,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
    return {name: facts["httpGet"]["path"] for name, facts in pod.items() if name.endswith("Probe")}


def test_a_restart_is_for_a_process_that_no_longer_lives_alone() -> None:
    assert probes() == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }


def test_unraids_template_has_what_the_image_takes() -> None:
    root = ET.parse(CONTAINER / "unraid.xml").getroot()
    assert root.findtext("Repository") == f"trailarrd:{VERSION}"
    targets = {one.get("Target"): one.get("Type") for one in root.iter("Config")}
    assert targets == {
        "7979": "Port",
        **dict.fromkeys(("/config", "/movies", "/tv"), "Path"),
        **dict.fromkeys(("PUID", "PGID", "UMASK", "RADARR_API_KEY", "SONARR_API_KEY"), "Variable"),
    }
