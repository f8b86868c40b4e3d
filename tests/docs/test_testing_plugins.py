"""docs/testing-plugins.md: its test is taken from the page and run, and it lists every check as it is."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.depth import IS_DEEP
from tests.docs.pages import chapters, code, page, plain, table, tables
from trailarrd.testing import Dialect
from trailarrd.testing.contract import ProviderContract

if TYPE_CHECKING:
    from pathlib import Path

PAGE = page("testing-plugins.md")
CHAPTERS = chapters(PAGE)
TEST, OWN_TEST = code(PAGE, "python")
PARTS = {
    str(part.__doc__).rstrip("."): {
        name: " ".join(str(check.__doc__).split())
        for name, check in vars(part).items()
        if name.startswith("test_")
    }
    for part in reversed(ProviderContract.__bases__)
}
LEFT_OUT = [part for part in PARTS if part.startswith(("Registration", "Live"))]
"""What the plugin of the page does not do."""

PLUGIN = """
import msgspec
from trailarrd.plugin import ArrApiManager, ArrWebhook, Media, MediaKind, Provider, RemotePath, hookimpl

class Artist(msgspec.Struct, rename="camel"):
    id: int
    artist_name: str
    path: str
    monitored: bool = False
    foreign_artist_id: str = ""

class LidarrApiManager(ArrApiManager[Artist]):
    app_name, api_root, resource, record_type = "Lidarr", "api/v1", "artist", Artist
    KEY_IN_QUERY = False

    def __init__(self, session, server):
        super().__init__(session, server)
        if self.KEY_IN_QUERY:
            self.list_query = {"apikey": server.api_key.reveal()}

def parse(artist):
    known = artist.foreign_artist_id
    return Media(
        arr_id=artist.id, title=artist.artist_name, path=RemotePath(artist.path),
        monitored_remotely=artist.monitored, external_ids={"musicbrainz": known} if known else {},
    )

@hookimpl
def trailarrd_providers():
    yield Provider(
        name="lidarr", media_kind=MediaKind("artist"), api_manager=LidarrApiManager, parser=parse,
        identity="musicbrainz", webhook=ArrWebhook(item="artist"),
    )
"""


def run_the_page(folder: Path, plugin: str, *options: str) -> subprocess.CompletedProcess[str]:
    """The test of the page against a plugin, by a pytest without any plugin or configuration."""
    (folder / "trailarrd_lidarr.py").write_text(plugin, encoding="utf-8")
    (folder / "test_contract.py").write_text(TEST, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-W", "error", "--rootdir", folder, *options, "test_contract.py"],
        cwd=folder,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(folder), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_good_plugin_passes_the_test_of_the_page_with_plain_pytest(tmp_path: Path) -> None:
    ended = run_the_page(tmp_path, PLUGIN)
    count = sum(map(len, PARTS.values()))
    assert ended.returncode == 0, ended.stdout[-3000:]
    skipped = 1 + sum(len(PARTS[part]) for part in LEFT_OUT)  # its dialect tells of no files
    assert f"{count - skipped} passed, {skipped} skipped in" in ended.stdout
    assert count > 80


def test_a_mistake_fails_with_the_words_of_the_page(tmp_path: Path) -> None:
    wrong = PLUGIN.replace("KEY_IN_QUERY = False", "KEY_IN_QUERY = True")
    ended = run_the_page(tmp_path, wrong, *([] if IS_DEEP else ["-k", "test_the_key_is_in_no_address"]))
    assert ended.returncode == 1
    (shown,) = code(PAGE, "text")
    _, *lines = shown.strip().splitlines()
    assert "\n".join(lines) in ended.stdout
    failed = [line for line in ended.stdout.splitlines() if line.startswith("FAILED")]
    assert any("test_the_key_is_in_no_address" in line for line in failed)


@pytest.mark.parametrize("part", PARTS)
def test_every_check_is_listed_with_its_requirement(part: str) -> None:
    assert {plain(name): requirement for name, requirement in table(CHAPTERS[part])} == PARTS[part]


def test_no_other_part_is_listed() -> None:
    every = PAGE.split("## Every check")[1]
    assert list(chapters(every))[1:] == list(PARTS)


def test_the_fixtures_are_those_of_the_class() -> None:
    listed = [plain(row[0]) for row in tables(CHAPTERS["The fixtures"])[0]]
    own = [name for name in vars(ProviderContract) if not name.startswith("_")]
    assert [*listed, "trial"] == own


def test_the_arguments_are_those_of_from_samples() -> None:
    listed = [plain(row[0]) for row in tables(CHAPTERS["The fixtures"])[1]]
    assert listed == list(inspect.signature(Dialect.from_samples).parameters)


def test_every_exported_name_is_listed_and_no_other() -> None:
    import trailarrd.testing

    listed = [plain(name) for name, _ in table(CHAPTERS["What trailarrd.testing exports"])]
    assert sorted(listed) == sorted(trailarrd.testing.__all__)


def test_the_names_in_the_last_example_are_exported() -> None:
    import trailarrd.testing

    for name in ("SimulatedLibrary", "ThreadedArr", "SimulatedArr", "ServerError"):
        assert name in OWN_TEST
        assert name in trailarrd.testing.__all__
