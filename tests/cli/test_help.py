"""Every command teaches itself, and a typing mistake gets a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from trailarrd import __version__, cli
from trailarrd.cli.group import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine

PROMISED = {
    *("run", "refresh", "media", "connections", "plugins", "history", "monitor", "unmonitor", "follow"),
    *("forget", "demo"),
}


@pytest.fixture(autouse=True)
def _without_any_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_promised_command_is_there() -> None:
    assert set(COMMANDS) >= PROMISED


@pytest.mark.parametrize("switch", ["--help", "-h"])
async def test_the_overview_names_every_command_and_every_exit_code(
    trailarrd: CommandLine, switch: str
) -> None:
    done = await trailarrd.bare(switch)
    assert (done.code, done.err) == (0, "")
    words = done.out.split()
    assert [name for name in COMMANDS if name not in words] == []
    told = " ".join(words)
    for code in ("0 all well", "1 a connection failed or held", "2 wrong usage", "75 ", "78 "):
        assert code in told
    assert "~/.config/trailarrd, in /etc/trailarrd, and here" in told


async def test_each_commands_help_says_what_it_does_and_what_each_option_means(
    trailarrd: CommandLine, subtests: pytest.Subtests
) -> None:
    for name in COMMANDS:
        with subtests.test(name):
            done = await trailarrd.bare(name, "--help")
            assert (done.code, done.err) == (0, "")
            assert done.out.startswith(f"Usage: trailarrd {name} ")
            command = cli.trailarrd.get_command(click.Context(cli.trailarrd), name)
            assert command is not None
            assert len((command.help or "").split()) >= 10
            options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
            assert [option.name for option in options if not option.help] == []
            assert [option.name for option in options if option.opts[0] not in done.out] == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("refesh", "refresh"),
        ("medai", "media"),
        ("plugin", "plugins"),
        ("conections", "connections"),
    ],
)
async def test_a_typing_mistake_gets_the_nearest_command_as_a_hint(
    trailarrd: CommandLine, typed: str, meant: str
) -> None:
    done = await trailarrd.bare(typed)
    assert (done.code, done.out) == (2, "")
    assert f"No such command '{typed}'. Did you mean '{meant}'?" in done.err


async def test_a_word_like_no_command_gets_the_way_to_the_overview(trailarrd: CommandLine) -> None:
    done = await trailarrd.bare("xyzzy")
    assert (done.code, done.out) == (2, "")
    assert "No such command 'xyzzy'. See 'trailarrd --help'." in done.err


async def test_without_a_command_the_overview_is_shown(trailarrd: CommandLine) -> None:
    done = await trailarrd.bare()
    assert done.code == 2
    assert "Usage: trailarrd" in done.out + done.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
async def test_a_shell_is_told_how_to_complete_and_gets_what_it_asks_for(
    trailarrd: CommandLine, shell: str
) -> None:
    assert "_TRAILARRD_COMPLETE" in (await trailarrd.bare("completion", shell)).out
    typed = {"COMP_WORDS": "trailarrd ref", "COMP_CWORD": "1" if shell != "fish" else "ref"}
    done = await trailarrd.bare(_TRAILARRD_COMPLETE=f"{shell}_complete", **typed)
    assert (done.code, "refresh" in done.out) == (0, True)
    assert "trailarrd completion --help" in (await trailarrd.bare("--help")).out


@pytest.mark.parametrize("switch", ["--version", "-V"])
async def test_the_version_is_told(trailarrd: CommandLine, switch: str) -> None:
    done = await trailarrd.bare(switch)
    assert (done.code, done.err) == (0, "")
    assert done.out.strip() == f"trailarrd, version {__version__}"
