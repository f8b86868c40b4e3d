"""One more kind of plugin: what is touched for it, in a copy of trailarrd, and who then knows it.

`second_kind/toy.py` is what its authors would write. Beside it there is a hook with its row in the table of
hooks, and the name that plugins import.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.process import completed

if TYPE_CHECKING:
    from tests.household import Ended

HERE: Final = Path(__file__).parent / "second_kind"
ROOT: Final = Path(__file__).parents[2]
pytestmark = pytest.mark.slow

HOOK: Final = '''
@hookspec
def trailarrd_toys() -> Iterable[Toy]:  # type: ignore[empty-body]  # a hook has no body
    """Yield the toys of this plugin, by the rules of `trailarrd_providers`."""


class Hook('''
EDITS: Final = {
    "trailarrd/plugin/spec.py": {
        "import Provider\n": "import Provider\nfrom trailarrd.plugin.toy import Toy\n",
        "\nclass Hook(": HOOK,
        "yields=Downloader),": 'yields=Downloader), Hook(kind="toy", spec=trailarrd_toys, yields=Toy)',
    },
    "trailarrd/plugin/__init__.py": {
        "import hookimpl\n": "import hookimpl\nfrom trailarrd.plugin.toy import Toy\n",
        '    "TrailerRules",\n': '    "Toy",\n    "TrailerRules",\n',
    },
}

TRAILARRD: Final = ("-c", "from trailarrd.cli import main; main()")
"""The copy's; `-m trailarrd` would be forked from a process that has imported the original."""

SAY_OPTIONS: Final = """
from trailarrd.config.context import KnownProviders
from trailarrd.discovery.plugins import discover
offers = {str(offer): offer for record in discover() for offer in record.offers}
print(repr(KnownProviders(offers).read("toy kazoo", {})))
"""


class Copy:
    """trailarrd with the new kind, and plugins that offer it."""

    def __init__(self, at: Path) -> None:
        self.at = at
        for folder in ("trailarrd", "docs"):
            shutil.copytree(ROOT / folder, at / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for name, edits in EDITS.items():
            text = (at / name).read_text(encoding="utf-8")
            for old, new in edits.items():
                assert text.count(old) == 1, (name, old)
                text = text.replace(old, new)
            (at / name).write_text(text, encoding="utf-8")
        shutil.copy(HERE / "toy.py", at / "trailarrd/plugin")

    @property
    def touched(self) -> list[str]:
        """Files that are new, or not what they were."""
        files = {path.relative_to(self.at) for path in self.at.rglob("*") if path.is_file()}
        return sorted(str(file) for file in files if not self._is_as_it_was(file))

    def _is_as_it_was(self, file: Path) -> bool:
        was = ROOT / file
        return was.is_file() and was.read_bytes() == (self.at / file).read_bytes()

    async def run(self, *words: str, plugins: tuple[str, ...] = ("kazoo",)) -> Ended:
        """Python in the copy, with these plugins installed."""
        path = os.pathsep.join([str(self.at), *(str(HERE / name) for name in plugins)])
        environ = {**os.environ, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(self.at.parent / "cache")}
        return await completed(sys.executable, *words, cwd=self.at, env=environ)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("second") / "kind")


async def plugins(copy: Copy, *names: str) -> dict[str, dict[str, Any]]:
    done = await copy.run(*TRAILARRD, "plugins", "--json", plugins=names)
    return {line["name"]: line for line in map(json.loads, done.out.splitlines())}


def test_three_files_are_touched_for_it(copy: Copy) -> None:
    assert copy.touched == [
        "trailarrd/plugin/__init__.py",
        "trailarrd/plugin/spec.py",
        "trailarrd/plugin/toy.py",
    ]


async def test_plugins_lists_what_is_offered_of_each_kind(copy: Copy) -> None:
    done = await copy.run(*TRAILARRD, "plugins")
    (line,) = [line.strip() for line in done.out.splitlines() if "fake-kazoo" in line]
    assert line.split(maxsplit=4) == ["kazoo", "fake-kazoo", "1.0", "loaded", "provider kazoo, toy kazoo"]


async def test_what_a_script_reads_of_a_plugin_stays_what_it_was(copy: Copy) -> None:
    record = (await plugins(copy, "kazoo"))["kazoo"]
    assert list(record) == ["name", "distribution", "version", "status", "providers", "reason"]
    assert record["providers"] == ["kazoo"]


async def test_the_doctor_says_what_is_offered(copy: Copy, tmp_path: Path) -> None:
    config = tmp_path / "trailarrd.yaml"
    config.write_text(f'database: {{url: "sqlite:///{tmp_path}/trailarrd.db"}}\nconnections: []\n')
    done = await copy.run(*TRAILARRD, "--config", str(config), "check")
    assert "kazoo (fake-kazoo 1.0) offers provider kazoo, toy kazoo" in done.out


async def test_its_options_are_read_as_those_of_any_other(copy: Copy) -> None:
    assert (await copy.run("-c", SAY_OPTIONS)).out == "KazooOptions(loudness=11)\n"


async def test_a_name_is_taken_within_its_kind_only(copy: Copy) -> None:
    found = await plugins(copy, "kazoo", "second-kazoo")
    assert {found[name]["status"] for name in ("kazoo", "second-kazoo")} == {"conflict"}
    assert found["kazoo"]["reason"].startswith(
        "toy 'kazoo' is offered by fake-kazoo (kazoo) and by fake-second-kazoo (second-kazoo): "
    )


async def test_a_mistake_in_its_hook_is_told_in_its_words(copy: Copy) -> None:
    found = await plugins(copy, "broken-kazoo")
    assert (found["broken-kazoo"]["status"], found["broken-kazoo"]["reason"]) == (
        "failed",
        "yields a str instead of a Toy",
    )


async def test_the_pages_for_authors_are_written_of_it(copy: Copy) -> None:
    before = {*(copy.at / "docs/contract").iterdir()}
    await copy.run("docs/make_contract.py")
    new = {*(copy.at / "docs/contract").iterdir()} - before
    assert {page.name for page in new} == {"Toy.md", "trailarrd_toys.md"}
    for page in new:
        page.unlink()  # they are made, not touched
