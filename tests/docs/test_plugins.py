"""docs/plugins.md: its plugin is taken from the page as it stands, installed, and tried on a server."""

from __future__ import annotations

import ast
import inspect
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

import trailarrd.plugin
from tests.docs.pages import chapters, code, page, plain, table, tables
from trailarrd.plugin import (
    ApiManager,
    ArrApiManager,
    ArrServer,
    Media,
    ProviderError,
    ProviderRejectedError,
    RemotePath,
    Secret,
)
from trailarrd.plugin.discovery import discover, providers_by_name
from trailarrd.plugin.session import open_session
from trailarrd.testing import RADARR, Dialect, SimulatedArr, SimulatedLibrary
from trailarrd.testing.server import API_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trailarrd.plugin import Provider
    from trailarrd.testing import Draft, Record

PAGE = page("plugins.md")
CHAPTERS = chapters(PAGE)
(PROJECT,) = code(PAGE, "toml")
(SOURCE,) = code(PAGE, "python")


def artist(draft: Draft) -> Record:
    """An artist as Lidarr lists one, with some of the fields that the plugin does not need."""
    name = draft.file_name
    return {
        "status": "continuing",
        "artistName": draft.title,
        "foreignArtistId": "" if draft.arr_id == 2 else f"mbid-{draft.arr_id}",
        "path": draft.folder(name),
        "monitored": draft.arr_id != 3,
        "genres": [],
        "id": draft.arr_id,
    }


LIDARR = Dialect(
    app_name="Lidarr",
    version="2.13.3.4711",
    api_root="api/v1",
    resource="artist",
    identity="foreignArtistId",
    identity_value=str,
    root="/music",
    record=artist,
)


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider[Any]]:
    """The plugin of the page, installed by the metadata that its pyproject.toml makes."""
    project = tomllib.loads(PROJECT)["project"]
    (tmp_path / "trailarrd_lidarr.py").write_text(SOURCE, encoding="utf-8")
    info = tmp_path / "trailarrd_lidarr-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = project["entry-points"]["trailarrd"]
    lines = [f"{name} = {module}" for name, module in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[trailarrd]", *lines, ""]))
    monkeypatch.syspath_prepend(tmp_path)
    yield providers_by_name(discover())["lidarr"]
    sys.modules.pop("trailarrd_lidarr", None)


async def ask(provider: Provider[Any], server: SimulatedArr) -> list[Media]:
    """What a refresh gets to know of a server's library through that provider."""
    arr = ArrServer(url=server.url, api_key=Secret(API_KEY))
    async with open_session(arr) as session:
        api = provider.api_manager(session, arr)
        assert (await api.system_status()).app_name == "Lidarr"
        assert await api.root_folders() == [RemotePath("/music")]
        return [provider.parser(record) async for batch in api.all_media() for record in batch]


async def test_the_plugin_of_the_page_reads_a_whole_library(provider: Provider[Any]) -> None:
    library = SimulatedLibrary(LIDARR)
    for name in ("First", "Second", "Third"):
        library.add(title=name)
    async with SimulatedArr(library) as server:
        media = await ask(provider, server)
    assert media == [
        Media(
            arr_id=1,
            title="First",
            path=RemotePath("/music/First"),
            monitored_remotely=True,
            external_ids={"musicbrainz": "mbid-1"},
        ),
        Media(arr_id=2, title="Second", path=RemotePath("/music/Second"), monitored_remotely=True),
        Media(
            arr_id=3,
            title="Third",
            path=RemotePath("/music/Third"),
            monitored_remotely=False,
            external_ids={"musicbrainz": "mbid-3"},
        ),
    ]


async def test_the_plugin_of_the_page_refuses_another_application(provider: Provider[Any]) -> None:
    other = Dialect(
        app_name="Readarr",
        version="0.4.0",
        api_root="api/v1",
        resource="artist",
        identity="foreignArtistId",
        root="/books",
        record=RADARR.record,
    )
    async with SimulatedArr(SimulatedLibrary(other)) as server:
        with pytest.raises(ProviderRejectedError):
            await ask(provider, server)


def test_the_plugin_of_the_page_imports_trailarrd_plugin_and_nothing_else_of_trailarrd() -> None:
    imports = [node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.ImportFrom | ast.Import)]
    modules = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports}
    assert {module for module in modules if module and module.startswith("trailarrd")} == {"trailarrd.plugin"}


def test_every_exported_name_is_listed_and_no_other() -> None:
    listed = [plain(row[0]) for row in table(CHAPTERS["What trailarrd.plugin exports"])]
    assert sorted(listed) == sorted(trailarrd.plugin.__all__)


def test_every_method_of_the_contract_is_listed_with_its_arguments() -> None:
    listed = {plain(row[0]) for row in tables(CHAPTERS["The API manager"])[0]}
    methods = inspect.getmembers(ApiManager, inspect.isfunction)
    names = {name: list(inspect.signature(method).parameters)[1:] for name, method in methods}
    assert listed == {
        f"{name}({', '.join(args)})" for name, args in names.items() if not name.startswith("_")
    }


def test_every_error_that_may_be_raised_is_listed() -> None:
    listed = {plain(row[0]) for row in tables(CHAPTERS["The API manager"])[1]}
    errors = (error for error in ProviderError.__subclasses__() if error.__module__ == "trailarrd.errors")
    assert listed == {error.__name__ for error in errors}


def test_the_class_attributes_have_the_defaults_of_the_page() -> None:
    assert (ArrApiManager.api_root, dict(ArrApiManager.list_query)) == ("api/v3", {})
    for name in ("app_name", "resource", "record_type"):
        assert name in inspect.get_annotations(ArrApiManager)
        assert f"`{name}`" in CHAPTERS["The API manager"]
