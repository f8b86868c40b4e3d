"""The first hour, as docs/getting-started.md shows it: the page's blocks are what the program says.

With TRAILARRD_WRITE_FIRST_HOUR in the environment, it writes them into the page.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import DOCS, code, page
from tests.process import PIPE, STDOUT, running
from tests.world import KEY, Shelf
from trailarrd.testing import RADARR, Hub, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from pathlib import Path

VOLATILE = (
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ?", "TIME"),
    (r"\d+ (?:s|min) ago", "AGO"),
    (r": (?:on|a mount point,) \S+ at \S+", ": on DISK"),
    (r"^  ok       \w+ \(trailarrd-.* offers .*$", ""),
    (r"tmdb \d+", "tmdb ID"),
    (r"revision \d+", "revision N"),
    (r"command line \(\w+\)", "command line (USER)"),
    (r" +$", ""),
    # Whoever follows the page has installed no downloader; here one may be, ready or not.
    (r"^downloads\n(?:  .*\n)+", ""),
    (r"^Download\n(?:  .*(?:\n|\Z))+", ""),
    (r"^  ok +.*: tried in .*$", ""),
    (r"^  ok +ytdlp .*$", ""),
    (r"^0 problems, \d+ warnings?$", "all is well"),
    (r"^(\d+ problems?), \d+ warnings?$", r"\1"),
)
"""What differs from run to run, or from host to host."""


def settled(text: str) -> str:
    """The text without what is volatile."""
    for pattern, words in VOLATILE:
        text = re.sub(pattern, words, text, flags=re.MULTILINE)
    return "\n".join(line for line in text.splitlines() if line)


@dataclass
class Hour:
    """A person who has just installed trailarrd, with a Radarr whose disk is not mounted yet."""

    home: Path
    shelf: Shelf
    told: list[tuple[str, str]] = field(default_factory=list)
    """Each command with what it said, as the page would show it."""

    @property
    def config(self) -> Path:
        return self.home / ".config" / "trailarrd" / "trailarrd.yaml"

    async def run(self, *words: str, code: int) -> str:
        """Type a command."""
        async with running(
            *(sys.executable, "-m", "trailarrd", *words),
            cwd=self.home,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "XDG_CONFIG_HOME": str(self.home / ".config"),  # root's would be that of the system
                "LOGNAME": "me",
                "COLUMNS": "100",
                "TRAILARRD_HTTP__LISTEN": "127.0.0.1:0",
            },
            stdout=PIPE,
            stderr=STDOUT,
        ) as process:
            said = (await process.communicate())[0].decode()
        assert process.returncode == code, said
        self.told.append((self._shown(" ".join(words)), self._shown(said)))
        return said

    def _shown(self, text: str) -> str:
        """With the places and the address of the page."""
        text = text.replace(self.shelf.server.url, "http://127.0.0.1:7878")
        text = text.replace(f"127.0.0.1:{self.shelf.server.port}", "127.0.0.1:7878")
        return text.replace(f"{self.home}/media", "/mnt/media").replace(str(self.home), "/home/me")


def mount(shelf: Shelf, unmounted: Path) -> None:
    """The disk is there from now on."""
    shelf.folder.parent.mkdir()
    unmounted.rename(shelf.folder)


def mistake(hour: Hour) -> str:
    """The mapping that the page has first, at the end of the connection's block and so of the file."""
    (wrong,) = code(page("getting-started.md"), "yaml")
    wrong = wrong.replace("/mnt/media", f"{hour.home}/media")
    hour.config.write_text(hour.config.read_text() + wrong)
    return wrong


def paste(hour: Hour, said: str, wrong: str) -> None:
    """What `check` proposed, in place of it."""
    found = re.search(r"^    path_mappings:\n(?:      - .+\n)+", said, re.MULTILINE)
    assert found
    hour.config.write_text(hour.config.read_text().replace(wrong, found[0]))


async def walk(hour: Hour, unmounted: Path) -> None:
    """From nothing to an item that is explained."""
    url = hour.shelf.server.url
    await hour.run("init", "--url", url, "--key-file", "radarr.key", code=1)
    mount(hour.shelf, unmounted)
    wrong = mistake(hour)
    paste(hour, await hour.run("check", code=1), wrong)
    checked = await hour.run("check", code=0)
    assert "all is well" in checked or "\n0 problems, " in checked, "a downloader may not be ready"
    await hour.run("refresh", "--dry-run", code=0)
    assert not (hour.home / ".local").exists()
    await hour.run("refresh", code=0)
    await hour.run("media", "--wants-trailer", code=0)
    await hour.run("explain", "Metropolis", code=0)


def write_page(hour: Hour) -> None:
    """Exchange the blocks of the page for those of this hour, in their order."""
    told = iter(hour.told)

    def block(_old: re.Match[str]) -> str:
        words, said = next(told)
        return f"```console\n$ trailarrd {words}\n{said.rstrip()}\n```\n"

    file = DOCS / "getting-started.md"
    text = re.sub(r"^```console\n.*?^```\n", block, file.read_text(), flags=re.MULTILINE | re.DOTALL)
    file.write_text(text)


@pytest.mark.timeout(180)
async def test_the_page_shows_the_first_hour_as_it_really_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shelf = Shelf(SimulatedArr(SimulatedLibrary(RADARR), api_key=KEY, hub=Hub()), home / "media" / "films")
    unmounted = tmp_path / "unmounted"
    elsewhere = Shelf(shelf.server, unmounted)
    for title, year in (("Heat", 1995), ("Metropolis", 1927), ("Stalker", 1979)):
        elsewhere.add(title, year)
    elsewhere.put(2, "Metropolis-trailer.mkv")
    elsewhere.put(2, "Metropolis trailer 2.mkv")
    (home / "radarr.key").write_text(f"{KEY}\n")
    (home / "radarr.key").chmod(0o600)
    async with shelf.server:
        hour = Hour(home, shelf)
        await walk(hour, unmounted)
    assert KEY not in "".join(said for _, said in hour.told)
    assert stat.S_IMODE(hour.config.stat().st_mode) & 0o022 == 0
    if "TRAILARRD_WRITE_FIRST_HOUR" in os.environ:
        write_page(hour)
    blocks = code(page("getting-started.md"), "console")
    shown = [block.removeprefix("$ trailarrd ").split("\n", 1) for block in blocks]
    assert [words for words, _ in shown] == [words for words, _ in hour.told]
    for (words, on_page), (_, said) in zip(shown, hour.told, strict=True):
        assert settled(on_page) == settled(said), words
