"""The core knows no application and no kind of item: what it is told by a provider, it passes on."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.pages import ROOT
from trailarrd.discovery.plugins import discover, providers_by_name

if TYPE_CHECKING:
    from collections.abc import Iterator

OF_TRAILARR = {"imports.py", "trailarr.py"}
"""What is taken over from there was of two applications, by their names."""
CORE = sorted(
    file
    for file in ROOT.glob("trailarrd/**/*.py")
    if file.relative_to(ROOT / "trailarrd").parts[0] != "testing"
    and file.name not in {"demo.py"} | OF_TRAILARR
)
FIRST_PARTY = sorted(project.parent.name for project in ROOT.glob("plugins/*/pyproject.toml"))
PROVIDERS: dict[str, Any] = providers_by_name(discover())
KINDS = {str(PROVIDERS[name].media_kind) for name in FIRST_PARTY if name in PROVIDERS}
NAMES = re.compile("|".join([*FIRST_PARTY, "whisparr", "readarr", "prowlarr"]), re.IGNORECASE)


def code_of(source: str) -> Iterator[tuple[int, str]]:
    """Every name and every string of a module with its line, but for docstrings and examples."""
    tree = ast.parse(source)
    skipped = {id(node) for spot in ast.walk(tree) if _is_told(spot) for node in ast.walk(spot)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        for field in ("id", "attr", "name", "arg", "module"):
            if isinstance(word := getattr(node, field, None), str):
                yield getattr(node, "lineno", 0), word


def _is_told(node: ast.AST) -> bool:
    """Whether it is there for people: a docstring, `examples=…`, a constant that is called an example."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.keyword(arg="examples"):
            return True
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return "EXAMPLE" in name
    return False


@pytest.fixture(scope="module")
def code() -> list[tuple[str, str]]:
    """What is written in the core, each with its file and line."""
    return [
        (f"{file.relative_to(ROOT)}:{line}: {text}", text)
        for file in CORE
        for line, text in code_of(file.read_text(encoding="utf-8"))
    ]


def test_the_search_finds_what_it_is_for() -> None:
    told = '"""radarr"""\n# radarr\n_EXAMPLE = "radarr"\n'
    source = told + 'x = Field("sonarr", examples=["radarr"])\nradarr_url = 1\n'
    found = [(line, text) for line, text in code_of(source) if NAMES.search(text)]
    assert sorted(found) == [(4, "sonarr"), (5, "radarr_url")]
    assert len(CORE) > 80
    assert FIRST_PARTY == ["lidarr", "radarr", "sonarr", "ytdlp"]
    assert {"artist", "movie", "series"} == KINDS


def test_no_module_of_the_core_names_a_provider(code: list[tuple[str, str]]) -> None:
    assert [spot for spot, text in code if NAMES.search(text)] == []


def test_no_module_of_the_core_tells_one_kind_of_item_from_another(code: list[tuple[str, str]]) -> None:
    assert [spot for spot, text in code if text.lower() in KINDS] == []
