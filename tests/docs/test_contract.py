"""docs/contract/: a page for each thing that plugins build on, as its docstring is now."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

import pytest

import trailarrd.plugin
from tests.docs.pages import DOCS
from trailarrd.plugin.spec import HOOKS

if TYPE_CHECKING:
    from types import ModuleType


def _maker() -> ModuleType:
    spec = spec_from_file_location("make_contract", DOCS / "make_contract.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _maker()
THINGS: list[Any] = MAKER.exported()


def test_there_is_a_page_for_each_exported_name_and_for_the_hook() -> None:
    names = {*trailarrd.plugin.__all__, *(hook.name for hook in HOOKS)}
    assert {thing.name for thing in THINGS} == names
    assert {file.stem for file in DOCS.glob("contract/*.md")} == names


@pytest.mark.parametrize("thing", THINGS, ids=[thing.name for thing in THINGS])
def test_the_page_is_what_the_docstring_says_now(thing: Any) -> None:
    written = (DOCS / "contract" / f"{thing.name}.md").read_text(encoding="utf-8")
    assert written == MAKER.page(thing), "run: python docs/make_contract.py"


def test_the_example_of_the_hook_is_a_whole_plugin() -> None:
    page = (DOCS / "contract" / "trailarrd_providers.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(import .*?)```", page, re.DOTALL)
    plugin: dict[str, Any] = {"__name__": "an_example"}
    exec(compile(example, "the hook's docstring", "exec", dont_inherit=True), plugin)
    (provider,) = plugin["trailarrd_providers"]()
    record = plugin["MovieRecord"](id=4, title="Harbour", path="/movies/Harbour", tmdb_id=603)
    media = provider.parser(record)
    assert (media.arr_id, media.path, media.external_ids) == (4, "/movies/Harbour", {"tmdb": "603"})


@pytest.mark.parametrize("thing", THINGS, ids=[thing.name for thing in THINGS])
def test_everything_that_a_stranger_touches_is_explained(thing: Any) -> None:
    assert len(thing.told.split()) >= 8
    assert [member.declaration for member in (*thing.fields, *thing.methods) if not member.told] == []


@pytest.mark.parametrize("name", ["ApiManager", "Provider", "Media", "trailarrd_providers"])
def test_what_may_be_raised_is_said(name: str) -> None:
    (thing,) = (thing for thing in THINGS if thing.name == name)
    told = " ".join([thing.told, *(method.told for method in thing.methods)])
    assert re.search(r"\b[Rr]aises?\b", told)


@pytest.mark.parametrize("method", [m for t in THINGS if t.name == "ApiManager" for m in t.methods], ids=str)
def test_every_method_of_the_contract_says_what_it_raises(method: Any) -> None:
    assert "Raises" in method.told
