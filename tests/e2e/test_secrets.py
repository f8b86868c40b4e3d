"""No output and no file ever has the API key in it, whatever servers and plugins do: real processes."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pytest

from tests.depth import IS_DEEP
from tests.e2e.den import FATAL, HOSTILE, KEYS, LEAKS, Den, echo, forms, found, open_den

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def den(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Den]:
    async with open_den(tmp_path / "home", request.param) as den:
        yield den


FORMS: Final = {"hex": ([],), "quoted": (["--json"],), "odd": ([], ["--json"])}
"""In which the lists are asked for; every key is looked for in both by `./dev deep`."""
LISTINGS: Final = ("connections", "media", "history", "quarantine", "removals", "plugins")
every_key = pytest.mark.parametrize("den", KEYS, indirect=True)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_the_search_finds_each_form_wherever_it_stands(key: str) -> None:
    """Or the tests below would prove little."""
    for form in forms(key):
        assert found(key, b"before " + form + b" after")
        assert found(key, b"\0\1" + form.upper() + b"\0")
    assert found(key, echo(key).encode())
    assert found(key, b"nothing to see") == set()


@pytest.mark.deep
@every_key
@pytest.mark.timeout(400)
async def test_no_command_tells_it_and_no_file_keeps_it(den: Den, request: pytest.FixtureRequest) -> None:
    forms = FORMS["odd" if IS_DEEP else request.node.callspec.params["den"]]
    for words in (["refresh"], ["refresh", "--json"]):
        told = await den.run(*words, expect=1)
        assert told.count("***") > len(LEAKS)
    assert den.server.asked == set(HOSTILE)
    commands = [[name, *more] for name in LISTINGS for more in forms]
    shown = await asyncio.gather(*(den.run(*words, expect=0) for words in commands))
    assert [words[0] for words, text in zip(commands, shown, strict=True) if "***" in text] == [
        name for name in ("connections", "quarantine") for _ in forms
    ]
    den.look_at_files("afterwards")
    assert any(name.startswith("trailarrd.db ") for name, _ in den.said)
    assert den.leaks() == {}


STYLES: Final = [("quoted", "journald"), ("odd", "json"), ("odd", "console")]
FURTHER: Final = [("hex", "json"), ("quoted", "console"), ("odd", "journald")]


@pytest.mark.deep
@pytest.mark.parametrize(("den", "style"), [*STYLES, *(FURTHER if IS_DEEP else ())], indirect=["den"])
@pytest.mark.timeout(400)
async def test_no_log_of_the_daemon_tells_it_at_any_level_in_any_style(den: Den, style: str) -> None:
    den.write_config(style)
    silent = {"warning", "log", "task", "callback", "thread", "unraisable", "records"}
    failing = len({*HOSTILE, *LEAKS} - silent - {"library"})
    marks = {"connection.down": failing, "refresh.finished": len(silent) + 1, "program.crashed": 1}
    marks |= {"program.unraisable": 1, "task.lost": 1, "Exception in callback": 1, "leaky.py": 1}
    log = await den.daemon(marks=marks, end=signal.SIGKILL)
    assert "refresh.retry" in log
    assert "UserWarning: ***" in log.replace("\\n", "\n")
    den.look_at_files("after its death")
    assert any("-wal " in where for where, _ in den.said)
    if style == "json":
        for line in log.splitlines():
            json.loads(line)
    assert den.leaks() == {}


@every_key
@pytest.mark.timeout(400)
async def test_not_even_the_end_of_the_program_tells_it(den: Den) -> None:
    """An exception that nobody may catch, in a command and in the daemon."""
    den.write_config(names=(FATAL,))
    for words in (["refresh"], ["run"]):
        log = await den.run(*words, expect=1)
        (crash,) = [line for line in map(json.loads, log.splitlines()[-1:]) if "exception" in line]
        assert (crash["event"], crash["level"]) == ("program.crashed", "critical")
        assert "FatalError: ***" in crash["exception"]
    assert den.leaks() == {}


MISTAKES: Final = {
    "beside a misspelt key": "connections: [{name: a, provider: radarr, url: 'http://a', api_kye: KEY}]",
    "in a block with a mistake": "connections: [{name: a, provider: none, url: 'http://a', api_key: KEY}]",
    "given twice": "connections:\n  - api_key: KEY\n    api_key: KEY",
    "in the url": "connections: [{name: a, provider: radarr, url: 'http://a/?apikey=URL', api_key: KEY}]",
    "as a login": "connections: [{name: a, provider: radarr, url: 'http://me:URL@a', api_key: KEY}]",
    "no yaml": "connections:\n  - name: a\n    api_key: KEY\n   url: [",
}


@every_key
@pytest.mark.timeout(400)
async def test_no_report_of_a_mistake_in_the_configuration_tells_it(den: Den) -> None:
    written, quoted = "'" + den.key.replace("'", "''") + "'", quote(den.key, safe="")

    async def report(name: str, text: str) -> str:
        config = den.home / f"{name}.yaml"
        config.write_text(text.replace("KEY", written).replace("URL", quoted))
        return await den.run("run", expect=78, config=config)

    reports = await asyncio.gather(*(report(name, text) for name, text in MISTAKES.items()))
    assert sum("…" in text for text in reports) > len(reports) / 2
    assert den.leaks() == {}
