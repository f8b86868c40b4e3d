"""docs/trailers.md promises what the code does: its table is read and tried, on names and on a disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.disk.conftest import see
from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import Observation
from trailarrd.domain.trailers import STANDARD, TrailerRules, Verdict

PAGE = (Path(__file__).parents[2] / "docs/trailers.md").read_text(encoding="utf-8")
MOVIES, DEEPER, REST = re.split(r"### A movie in a folder within|### Series", PAGE)
PROVIDERS = providers_by_name(discover())
ROWS = [
    (PROVIDERS[provider].trailers, main_file, *row)
    for provider, main_file, text in (
        ("radarr", "Heat (1995).mkv", MOVIES),
        ("radarr", "Film/Heat.mkv", DEEPER),
        ("sonarr", None, REST),
    )
    for row in re.findall(r"^\| `([^`]+)` \| (yes|no) \| .+ \| ([a-z-]+) \|$", text, re.MULTILINE)
]
EXAMPLES = pytest.mark.parametrize(
    ("rules", "main_file", "path", "answer", "rule"), ROWS, ids=[row[2] for row in ROWS]
)


def test_the_whole_table_was_read() -> None:
    """Every line of the page that starts a row of examples is one that the other tests try."""
    assert len(ROWS) == len(re.findall(r"^\| `", PAGE, re.MULTILINE)) > 30


@EXAMPLES
def test_each_row_is_what_the_rules_say(
    rules: TrailerRules, main_file: str | None, path: str, answer: str, rule: str
) -> None:
    verdict = rules.judge(path, main_file=main_file)
    assert verdict == rule
    assert verdict.counts is (answer == "yes")


@EXAMPLES
async def test_each_row_is_what_a_look_at_such_a_folder_shows(
    tmp_path: Path, rules: TrailerRules, main_file: str | None, path: str, answer: str, rule: str
) -> None:
    file = tmp_path / "item" / path
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    request = LookRequest(LocalPath(str(tmp_path / "item")), main_file, LocalPath(str(tmp_path)))
    (observation,) = await see(Scanner(RootTrust(Roots()), rules=rules), [request])
    found = Observation(TrailerState.PRESENT, path)
    assert observation == (found if answer == "yes" else Observation(TrailerState.ABSENT))


@pytest.mark.parametrize("verdict", Verdict)
def test_every_rule_is_named_on_the_page(verdict: Verdict) -> None:
    assert re.search(rf"\| {verdict} \||`{verdict}`", PAGE)


def test_every_video_extension_is_named_on_the_page() -> None:
    (listed,) = re.findall(r"Videos are files ending in (.+?)\.\n", PAGE, re.DOTALL)
    words = set(re.findall(r"[a-z0-9-]+", listed)) - {"the", "disc", "images", "and"}
    assert words == STANDARD.extensions
