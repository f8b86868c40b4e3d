"""All that 0.1.0 lets a user write: every key of trailarrd.yaml, every command and every option.

In the folder of this name `trailarrd.yaml` has every key, and `environment.json` is what that refers to. Of
0.1.0 itself are `settings.json`, which is what it understood, `commands.json`, its commands with the options
that their help names, and `codes.json`: how each line of `SCRIPT` ended in the situation `healthy`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ask: TypeAlias = Callable[..., Awaitable[str]]
    """What the command line prints to these words."""

EVERYTHING: Final = Path(__file__).with_name("everything")
SCRIPT: Final = (
    "check --offline",
    "refresh movies",
    "refresh --dry-run --json",
    "refresh nobody",
    "connections",
    "media --connection movies --status monitored --wants-trailer",
    "explain Golden",
    "explain nothing",
    "history --connection movies --limit 5",
    "status",
    "removals",
    "removals movies",
    "removals list --json",
    "removals approve movies",
    "removals discard series",
    "removals discard nobody",
    "believe movies",
    "believe nobody",
    "quarantine movies",
    "monitor 7 999",
    "unmonitor 7",
    "follow 7",
    "claim 8 --as downloader --for 30m",
    "claim 8 --as another",
    "release 8 --as downloader",
    "release 8 --as another",
    "forget movies --yes",
    "apikey list",
    "apikey create phone",
    "apikey revoke phone",
    "webhook remove nobody",
    "plugins",
    "config show",
    "db check",
    "db backup",
    "db restore nowhere.db",
    "media --unknown",
)
"""Commands as people and their scripts have them, one after the other."""

_COMMAND: Final = re.compile(r"^  ([a-z]+)", re.MULTILINE)
_OPTION: Final = re.compile(r"^  (?:-\w, )?(--[a-z-]+)", re.MULTILINE)


def environment() -> dict[str, str]:
    """What the file refers to, and two settings that outrank it."""
    text = EVERYTHING.joinpath("environment.json").read_text("utf-8")
    variables: dict[str, str] = json.loads(text.replace("{HERE}", str(EVERYTHING)))
    return variables


async def settings(ask: Ask) -> dict[str, Any]:
    """What is understood by the file, by setting."""
    told = await ask("--config", str(EVERYTHING / "trailarrd.yaml"), "config", "show", "--json")
    lines = [json.loads(line) for line in told.replace(str(EVERYTHING), "{HERE}").splitlines()]
    return {line["setting"]: line["value"] for line in lines}


async def commands(ask: Ask, *words: str) -> dict[str, list[str]]:
    """The options of a command and of those below it, by their words."""
    told = await ask(*words, "--help")
    below = told.partition("\nCommands:\n")[2].partition("\n\n")[0]
    found = {" ".join(words): _OPTION.findall(told.partition("\nOptions:\n")[2])}
    for name in _COMMAND.findall(below):
        found |= await commands(ask, *words, name)
    return found
