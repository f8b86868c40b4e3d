"""What a command loads before it does anything: counted in modules, as seconds depend on the machine."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.process import PIPE, running

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from trailarrd.daemon.daemon import Daemon

HEAVY = {
    *("aiohttp", "aiosqlite", "alembic", "apprise", "msgspec", "pluggy", "prometheus_client", "pydantic"),
    *("rich", "sqlalchemy", "structlog", "yaml", "yarl", "trailarrd_radarr", "trailarrd_sonarr"),
}
"""What costs more than all the rest of `trailarrd --help` together."""

_RUN = """
import json, sys
from trailarrd.cli import main
sys.argv = ["trailarrd", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
json.dump(sorted(sys.modules), sys.stderr)
"""


def loaded(*words: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(words)], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["refresh", "--help"], ["media", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    modules = loaded(*words)
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()
    assert len(modules) < 250


async def test_a_list_loads_neither_servers_nor_plugins_nor_migrations_beside_a_daemon_that_has(
    household: Household, trailarrd: CommandLine, daemon: Daemon
) -> None:
    """Which knows already that the configuration has no mistake. Where a trailer belongs, plugins tell."""
    words = ("--config", str(household.config), "removals", "--json")
    modules = await asyncio.to_thread(loaded, *words)
    assert {name.partition(".")[0] for name in modules} & (
        {"aiohttp", "alembic", "apprise", "prometheus_client", "rich", "trailarrd_radarr"}
    ) == set()
    assert modules & {"trailarrd.config.model", "sqlalchemy.dialects.postgresql", "asyncpg"} == set()
    assert modules & {"trailarrd.store.leases", "trailarrd.store.postgres"} == set(), "they are for a server"
    assert len({name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names}) < 360


@pytest.mark.usefixtures("daemon")
async def test_a_list_that_goes_by_the_rules_of_plugins_loads_them_without_what_asks_servers(
    household: Household,
) -> None:
    words = ("--config", str(household.config), "media", "--json")
    modules = await asyncio.to_thread(loaded, *words)
    assert "trailarrd_radarr" in modules
    assert modules & {"aiohttp", "yarl", "alembic", "apprise", "prometheus_client"} == set()


UNUSED = {
    *("alembic", "apprise", "asyncpg", "asyncssh", "cryptography", "jinja2", "mako", "requests", "rich"),
    *("trailarrd.download", "trailarrd.service", "trailarrd.template", "trailarrd.testing"),
    *("trailarrd.cli.table", "trailarrd.daemon.download", "trailarrd.daemon.team", "trailarrd.daemon.setup"),
    *("trailarrd.store.leases", "trailarrd.store.postgres", "trailarrd.store.trailarr"),
    *("trailarrd.store.transfer", "trailarrd.web.setup.application"),
}
"""What a daemon at rest has no use for: nobody looks at a page, nothing is downloaded or shared."""


async def test_a_daemon_at_rest_holds_nothing_that_only_others_need(household: Household) -> None:
    words = json.dumps(["--config", str(household.config), "run"])
    environ = {**os.environ, **household.environ, "TRAILARRD_LOG__FORMAT": "json"}
    async with running(
        *(sys.executable, "-c", _RUN, words), stderr=PIPE, limit=2**20, env=environ
    ) as process:
        assert process.stderr
        awaited = {"check.finished", "refresh.finished"}
        while awaited:
            awaited.discard(json.loads(await process.stderr.readline())["event"])
        process.send_signal(signal.SIGTERM)
        modules = set(json.loads((await process.stderr.read()).splitlines()[-1]))
    assert {name for name in modules for unused in UNUSED if f"{name}.".startswith(f"{unused}.")} == set()
    assert len({name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names}) < 725


def test_what_a_command_has_loaded_is_not_looked_through_for_garbage_when_it_ends() -> None:
    first_in_last_out = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 1000))"
    command = [sys.executable, "-c", f"{first_in_last_out}\n{_RUN}", json.dumps(["--version"])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True"
