"""Outside of the repository: a plugin made by the template, and Lidarr's, are installed, used and tested."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.depth import IS_DEEP
from tests.docs.pages import ROOT
from tests.e2e.environment import Environment
from tests.once import once
from trailarrd.template.distribution import NewPlugin
from trailarrd.testing import Dialect, SimulatedArr, SimulatedLibrary

KEY = "0123456789abcdef0123456789abcdef"

CONFIG = """\
database: {{url: "sqlite+aiosqlite:///{folder}/trailarrd.db"}}
connections:
  - name: library
    provider: {provider}
    url: {url}
    api_key: !env ARR_KEY
    path_mappings: [{{remote: /library, local: "{folder}"}}]
"""

DIALECTS = {
    "my-tunes": Dialect.from_samples(
        app_name="MyTunes",
        api_root="api/v3",
        resource="item",
        records=[{"title": "x", "path": "/library/x", "monitored": True, "id": 1}],
    ),
    "lidarr": Dialect.from_samples(
        app_name="Lidarr",
        api_root="api/v1",
        resource="artist",
        title="artistName",
        identity="foreignArtistId",
        records=[{"artistName": "x", "foreignArtistId": "0-0-000001", "path": "/library/x", "id": 1}],
    ),
}
KINDS = {"my-tunes": "item", "lidarr": "artist"}

# Each of these waits for a whole program or a whole test run, on a machine that may have much else to do.
pytestmark = [pytest.mark.timeout(300), pytest.mark.parametrize("name", DIALECTS)]


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who has trailarrd, and two plugins' sources."""

    environment: Environment
    projects: dict[str, Path]


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Author:
    folder = Path(once(tmp_path_factory, "author", _set_up))
    projects = {"my-tunes": folder / "my-tunes", "lidarr": ROOT / "plugins" / "lidarr"}
    return Author(Environment(folder / "venv"), projects)


def _set_up(folder: Path) -> str:
    NewPlugin("my-tunes").write(folder / "my-tunes")
    Environment.make(folder / "venv").install(ROOT, folder / "my-tunes", ROOT / "plugins" / "lidarr")
    return str(folder)


async def test_it_is_found(author: Author, tmp_path: Path, name: str) -> None:
    code, said = await author.environment.run("trailarrd", "plugins", "--json", cwd=tmp_path)
    plugins = {one["name"]: one for one in map(json.loads, said.splitlines())}
    assert (code, set(plugins)) == (0, set(DIALECTS)), "nothing but what was installed"
    assert (plugins[name]["status"], plugins[name]["providers"]) == ("loaded", [name])


async def test_it_is_configured_and_refreshed(author: Author, tmp_path: Path, name: str) -> None:
    library = SimulatedLibrary(DIALECTS[name], size=40)
    trailers = tmp_path / str(library.record(3)["path"]).removeprefix("/library/") / "Trailers"
    trailers.mkdir(parents=True)
    (trailers / "One.mkv").write_bytes(b"x")
    async with SimulatedArr(library, api_key=KEY) as server:
        config = CONFIG.format(folder=tmp_path, provider=name, url=server.url)
        (tmp_path / "trailarrd.yaml").write_text(config)
        code, said = await _trailarrd(author, tmp_path, "refresh")
    assert code == 0, said
    items = await _items(author, tmp_path)
    assert sorted(items) == library.ids
    assert {item["kind"] for item in items.values()} == {KINDS[name]}
    assert [arr_id for arr_id, item in items.items() if item["trailer"] == "present"] == [3]


@pytest.mark.deep
async def test_it_passes_its_own_conformance_tests(author: Author, name: str) -> None:
    if name == "lidarr" and not IS_DEEP:
        pytest.skip("only in ./dev deep: from the repository they run anyway")
    project = author.projects[name]
    options = ("-q", "-p", "no:cacheprovider", "-c", str(project / "pyproject.toml"))
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # pytest itself is enough, and starts at once
    words = ("pytest", *options, "tests/test_contract.py")
    code, said = await author.environment.run(*words, cwd=project, environ=alone)
    assert code == 0, said
    passed = re.search(r"(\d+) passed", said)
    assert passed, said
    assert int(passed[1]) >= 70


async def _trailarrd(author: Author, folder: Path, *words: str) -> tuple[int, str]:
    return await author.environment.run("trailarrd", *words, cwd=folder, environ={"ARR_KEY": KEY})


async def _items(author: Author, folder: Path) -> dict[int, Any]:
    _, said = await _trailarrd(author, folder, "media", "--json")
    return {item["arr_id"]: item for item in map(json.loads, said.splitlines())}
