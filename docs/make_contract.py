"""Writes docs/contract/: a page for each thing that trailarrd.plugin exports, from its docstrings.

`python docs/make_contract.py`; a test says when it is time to.
"""  # noqa: INP001

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.plugin.spec import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = ROOT / "docs" / "contract"
FACE: Final = ROOT / "trailarrd" / "plugin" / "__init__.py"

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


class Member(NamedTuple):
    """A field or a method."""

    declaration: str
    told: str


class Thing(NamedTuple):
    """One exported name with what is said of it."""

    name: str
    declaration: str
    told: str
    fields: Sequence[Member] = ()
    methods: Sequence[Member] = ()


def exported() -> list[Thing]:
    """Everything that trailarrd.plugin exports, by name, and the hooks."""
    places = dict(_places(ast.parse(FACE.read_text(encoding="utf-8"))))
    places |= {hook.name: "trailarrd.plugin.spec" for hook in HOOKS}
    return [_thing(name, places[name]) for name in sorted(places, key=str.lower)]


def page(thing: Thing) -> str:
    """The page of one thing."""
    parts = [f"# {thing.name}\n\n```python\n{thing.declaration}\n```", _prose(thing.told)]
    for title, members in (("Fields", thing.fields), ("Methods", thing.methods)):
        if members:
            parts.append(f"## {title}")
            parts += [f"### `{one.declaration}`\n\n{_prose(one.told)}" for one in members]
    parts.append("[All that `trailarrd.plugin` exports](../plugins.md#what-trailarrdplugin-exports)")
    return "\n\n".join(part for part in parts if part) + "\n"


def _places(face: ast.Module) -> Iterator[tuple[str, str]]:
    for node in face.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("trailarrd"):
            yield from ((alias.name, node.module) for alias in node.names)


def _thing(name: str, module: str) -> Thing:
    source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    body = ast.parse(source).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        match node:
            case ast.ClassDef() if node.name == name:
                return _class(node)
            case ast.FunctionDef() if node.name == name:
                return Thing(name, _signature(node), ast.get_docstring(node) or "")
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                return Thing(name, ast.unparse(node), _text(after))
    raise LookupError(f"{name} is not in {module}")


def _class(node: ast.ClassDef) -> Thing:
    bases = [ast.unparse(base) for base in node.bases]
    fields: list[Member] = []
    methods: list[Member] = []
    for item, after in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(item, ast.AnnAssign) and not ast.unparse(item.target).startswith("_"):
            fields.append(Member(_declaration(item), _text(after)))
        elif isinstance(item, _FUNCTIONS) and (not item.name.startswith("_") or item.name == "__call__"):
            kind = fields if "property" in map(ast.unparse, item.decorator_list) else methods
            kind.append(Member(_signature(item), ast.get_docstring(item) or ""))
    declaration = f"class {node.name}({', '.join(bases)})" if bases else f"class {node.name}"
    return Thing(node.name, declaration, ast.get_docstring(node) or "", fields, methods)


def _declaration(item: ast.AnnAssign) -> str:
    """A field with its type and its default; how a default is made is of no interest."""
    told = f"{ast.unparse(item.target)}: {ast.unparse(item.annotation)}"
    if item.value is None:
        return told
    value = ast.unparse(item.value)
    if made := re.fullmatch(r"field\(default_factory=(\w+)\)", value):
        value = f"{made[1]}()"
    return told if value.startswith(("field(", "_")) else f"{told} = {value}"


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    arguments = ast.unparse(node.args).removeprefix("self, ").removeprefix("self")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    if "property" in map(ast.unparse, node.decorator_list):
        return node.name + returns.replace(" -> ", ": ")
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    return f"{kind} {node.name}({arguments}){returns}"


def _text(node: ast.stmt | None) -> str:
    """The docstring that follows an assignment, if one does."""
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return inspect.cleandoc(node.value.value)
    return ""


def _prose(told: str) -> str:
    """A docstring as Markdown: code after `::`, and a list of what is raised."""
    text = re.sub(r"::\n\n((?: {4}.*\n?|\n)+)", _fenced, told)
    text = re.sub(r"^Raises:$", "Raises:\n", text, flags=re.MULTILINE)
    return re.sub(r"^ {4}(\w+Error): ", r"- `\1`: ", text, flags=re.MULTILINE).strip()


def _fenced(match: re.Match[str]) -> str:
    code = textwrap.dedent(match[1]).strip()
    language = "toml" if code.startswith("[") else "python"
    return f":\n\n```{language}\n{code}\n```\n\n"


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for old in PAGES.glob("*.md"):
        old.unlink()
    for thing in exported():
        (PAGES / f"{thing.name}.md").write_text(page(thing), encoding="utf-8")
