"""docs/operations.md: each message of the first hour is provoked, and each log event is looked up."""

from __future__ import annotations

import ast
import configparser
import sqlite3
import ssl
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests import certificates
from tests.certificates import Certificates, server_context
from tests.docs.pages import ROOT, chapters, page, plain, table, tables
from trailarrd.cli.context import ExitCode
from trailarrd.config import load
from trailarrd.config.annotated import NewConnection
from trailarrd.config.location import SERVICE_CONFIG, SERVICE_STATE
from trailarrd.config.scaffold import write_config
from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.domain.roots import RootState
from trailarrd.errors import ConfigError, DatabaseError, ProviderError
from trailarrd.plugin import ArrServer, Secret
from trailarrd.plugin.session import open_session
from trailarrd.store.store import Store
from trailarrd.testing import RADARR, SONARR, LoginPage, Refusal, SimulatedArr, SimulatedLibrary
from trailarrd.testing.server import API_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = page("operations.md")
CHAPTERS = chapters(PAGE)
SERVER = [plain(row[0]) for row in table(CHAPTERS["The server"])]
REST = [plain(row[0]) for row in table(CHAPTERS["The rest"])]
UNIT = configparser.ConfigParser(interpolation=None, strict=False)
UNIT.optionxform = str  # type: ignore[assignment,method-assign]  # its documented way to keep capitals
UNIT.read(ROOT / "trailarrd/service/trailarrd.service")


async def refusal(url: str, key: str = API_KEY, ca_file: Path | None = None) -> str:
    """What Radarr's provider says of a server that cannot be used."""
    server = ArrServer(url=url, api_key=Secret(key), ca_file=str(ca_file) if ca_file else None)
    async with open_session(server) as session:
        api = providers_by_name(discover())["radarr"].api_manager(session, server)
        with pytest.raises(ProviderError) as caught:
            await api.system_status()
    return str(caught.value)


def radarr(url_base: str = "") -> SimulatedArr:
    return SimulatedArr(SimulatedLibrary(RADARR), url_base=url_base)


async def test_each_trouble_with_a_server_is_said_as_on_the_page() -> None:
    async with radarr("/BASE") as server:
        origin, port = server.origin, str(server.port)
        assert SERVER[1] in (await refusal(origin)).replace(origin, "http://HOST:PORT")
        assert SERVER[5] in await refusal(server.url, "a wrong key")
        assert SERVER[7] in await refusal(server.url.replace("http:", "https:"))
        server.fault = LoginPage()
        assert SERVER[3] in await refusal(server.url)
        server.fault = Refusal(status=403)
        assert SERVER[4] in await refusal(server.url)
    down = (await refusal(origin)).replace("127.0.0.1", "HOST").replace(port, "PORT")
    assert SERVER[0] in down
    async with radarr() as server:
        assert SERVER[2] in await refusal(f"{server.url}/elsewhere")
    async with SimulatedArr(SimulatedLibrary(SONARR)) as server:
        assert SERVER[6] in await refusal(server.url)


async def test_each_trouble_with_tls_is_said_as_on_the_page(tmp_path: Path) -> None:
    made = Certificates(tmp_path)
    authority = made.authority
    shown: list[tuple[ssl.SSLContext, Path | None]] = [
        (server_context(authority), None),
        (server_context(made.signed(-1)), authority),
        (server_context(made.for_name("elsewhere.example")), authority),
        (certificates.knows_no_such_name(made), authority),
        (certificates.wants_ours(made), authority),
        (certificates.is_too_old(made), authority),
    ]
    for row, (context, ca_file) in zip(SERVER[8:], shown, strict=True):
        with certificates.serving(context, b"") as port:
            said = await refusal(f"https://localhost:{port}", ca_file=ca_file)
        assert row in said.replace(f"localhost:{port}", "HOST:PORT")


def test_each_trouble_with_the_disk_is_said_as_on_the_page() -> None:
    rows = [plain(row[0]) for row in table(CHAPTERS["The disk"].split("To find the mapping")[0])]
    assert set(rows) == {state.sentence for state in RootState if state is not RootState.OK}


def mistakes(folder: Path, text: str) -> str:
    """What is said of a configuration."""
    (folder / "trailarrd.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder / "trailarrd.yaml", providers=[], environ={"HOME": "/home/me"})
    return str(caught.value)


def test_a_missing_variable_and_a_missing_plugin_are_said_as_on_the_page(tmp_path: Path) -> None:
    block = "connections: [{name: a, provider: radarr, url: 'http://a', api_key: !env RADARR_API_KEY}]"
    said = mistakes(tmp_path, block)
    assert REST[0] in said
    assert REST[1] in said


async def trouble(path: Path) -> str:
    """What is said when this database is asked for its connections."""
    with pytest.raises(DatabaseError) as caught:
        async with Store.open(f"sqlite+aiosqlite:///{path}", create=False, busy_timeout=0.1) as store:
            await store.set_intent([1], intent=True, at=datetime(2026, 1, 1, tzinfo=UTC))
    return str(caught.value)


async def test_a_missing_and_a_locked_database_are_said_as_on_the_page(tmp_path: Path) -> None:
    path = tmp_path / "trailarrd.db"
    assert (await trouble(path)).replace(str(path), "FILE") == REST[2]
    async with Store.open(f"sqlite+aiosqlite:///{path}"):
        pass
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert REST[3] in await trouble(path)
    blocker.close()


def test_a_database_that_cannot_be_written_is_said_as_on_the_page() -> None:
    """The file's permissions do not bind the superuser, so the table of advice is asked instead."""
    from trailarrd.store.failures import _ADVICE

    assert _ADVICE[sqlite3.SQLITE_READONLY] == REST[4]


async def test_the_database_is_for_its_user_alone_and_so_is_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "state" / "trailarrd.db"
    async with Store.open(f"sqlite+aiosqlite:///{path}"):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def events() -> Iterator[tuple[str, str]]:
    """Every event that the code logs, with its level."""
    levels = {"exception": "error"}
    for file in ROOT.glob("trailarrd/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log"), attr=level),
                    args=[ast.Constant(str(event)), *_],
                ):
                    yield event, levels.get(level, level)


def test_every_log_event_is_explained_with_its_level_and_no_other() -> None:
    assert {(plain(row[0]), row[1]) for row in table(CHAPTERS["Logs"])} == set(events())


def test_the_unit_does_not_try_a_broken_configuration_for_ever() -> None:
    assert UNIT["Service"]["RestartPreventExitStatus"] == str(ExitCode.CONFIG.value)
    assert UNIT["Service"]["Restart"] == "on-failure"


def test_the_service_has_its_folders_where_the_page_says(tmp_path: Path) -> None:
    rows = [plain(row[0]) for row in table(CHAPTERS["From init to the service"])]
    assert rows == [f"{SERVICE_CONFIG}/", f"{SERVICE_STATE}/"]
    assert SERVICE_CONFIG.name == UNIT["Service"]["ConfigurationDirectory"]
    assert SERVICE_STATE.name == UNIT["Service"]["StateDirectory"]
    (tmp_path / "radarr.key").write_text("abc\n")
    database = SERVICE_STATE / "trailarrd.db"
    connection = NewConnection(
        name="a", provider="radarr", url="http://a", told="", mappings=(), key_file=tmp_path / "radarr.key"
    )
    write_config(tmp_path / "trailarrd.yaml", [connection], database=database)
    settings = load(tmp_path / "trailarrd.yaml", providers=["radarr"], environ={})
    assert settings.database.url == f"sqlite+aiosqlite:///{database}"


def test_the_unit_runs_the_program_of_the_package_by_the_services_configuration() -> None:
    program, *words = UNIT["Service"]["ExecStart"].split()
    assert program.removesuffix("/bin/trailarrd") in CHAPTERS["Debian package"]
    assert words == ["--config", f"{SERVICE_CONFIG}/trailarrd.yaml", "run"]


def test_each_mapping_of_the_table_leads_where_it_says(tmp_path: Path) -> None:
    rows = tables(CHAPTERS["The disk"])[1]
    mappings = [plain(row[2]) for row in rows if row[2] != "none"]
    assert len(mappings) == 3
    (tmp_path / "trailarrd.yaml").write_text(
        "database: {url: 'sqlite+aiosqlite:////t.db'}\n"
        "connections:\n"
        "  - name: a\n    provider: radarr\n    url: http://a\n    api_key: b\n    path_mappings:\n"
        + "".join(f"      - {mapping}\n" for mapping in mappings)
    )
    settings = load(tmp_path / "trailarrd.yaml", providers=["radarr"], environ={})
    remotes = [mapping.remote for mapping in settings.connections[0].path_mappings]
    assert remotes == [plain(row[1]) for row in rows if row[2] != "none"]
