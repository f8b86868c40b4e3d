"""Whatever README and docs tell a reader to type is understood; the first hour of the README is typed."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from tests.cli.conftest import CommandLine
from tests.docs.pages import DOCS, ROOT, chapters, code
from tests.household import open_household
from tests.world import KEY
from trailarrd import cli

if TYPE_CHECKING:
    from pathlib import Path

README = ROOT / "README.md"
PAGES = {file: file.read_text(encoding="utf-8") for file in (README, *DOCS.glob("*.md"))}
_TYPED = re.compile(r"(?:sudo )?(?:docker exec (?:-it )?trailarrd )?trailarrd +([^#|;&>]*)")


def typed(text: str) -> list[str]:
    """What is typed after `trailarrd`, line by line, in blocks for a shell and on terminals."""
    blocks = "".join(code(text, "sh") + code(text, "console"))
    lines = [line.removeprefix("$ ") for line in blocks.splitlines()]
    return [match[1].strip() for line in lines if (match := _TYPED.match(line))]


def lacking(words: list[str]) -> list[str]:
    """What a command still needs that the words do not say.

    Raises `click.UsageError` for a command or an option that does not exist, or lacks its value.
    """
    command: click.Command = cli.trailarrd
    context = click.Context(command, info_name="trailarrd")
    given, words, _ = command.make_parser(context).parse_args(list(words))
    while isinstance(command, click.Group) and words:
        name, found, words = command.resolve_command(context, words)
        assert found
        command, context = found, click.Context(found, info_name=name, parent=context)
        given, words, _ = command.make_parser(context).parse_args(list(words))
    needed = [one.name or "" for one in command.params if one.required]
    return [name for name in needed if not given.get(name)]


def hints() -> list[tuple[str, str]]:
    """Every command that a message of the program tells to type."""
    found: list[tuple[str, str]] = []
    for file in sorted((ROOT / "trailarrd").rglob("*.py")):
        told = re.findall(r"'trailarrd ([^'\n]+)'", file.read_text(encoding="utf-8"))
        found += [(file.name, re.sub(r"\{[^}]+\}", "NAME", hint)) for hint in told]
    return found


def test_every_hint_of_the_program_can_be_typed_as_it_stands() -> None:
    told = hints()
    assert len(told) > 15
    assert [(file, hint) for file, hint in told if lacking(shlex.split(hint))] == []


LINES = [(name, line) for name, text in PAGES.items() for line in typed(text)]


def test_every_line_that_a_page_tells_to_type_is_understood() -> None:
    assert len(LINES) > 30
    for name, line in LINES:
        try:
            lacking(shlex.split(line))
        except click.UsageError as error:
            pytest.fail(f"{name}: trailarrd {line}: {error.format_message()}")


async def test_the_next_step_of_the_readme_is_taken_after_init_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRAILARRD_CONFIG", raising=False)
    monkeypatch.chdir(ROOT)  # where the clone's own trailarrd.yaml lies, as the reader stands
    async with open_household(tmp_path / "home") as household:
        (tmp_path / "radarr.key").write_text(KEY)
        household.variables = {"XDG_CONFIG_HOME": str(tmp_path / "config")}  # root's would be the system's
        trailarrd = CommandLine(household)
        server = ("--url", household.movies.server.url, "--key-file", str(tmp_path / "radarr.key"))
        assert (await trailarrd.bare("init", *server)).code == 0
        (block,) = code(chapters(PAGES[README])["The next step"], "sh")
        lines = typed(f"```sh\n{block}```\n")
        assert lines == ["check", "refresh --dry-run", "refresh", "media --wants-trailer"]
        for line in lines:
            done = await trailarrd.bare(*line.split())
            assert done.code == 0, done.err
        assert "3 items" in done.err
