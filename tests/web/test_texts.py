"""Every text of the pages stands in texts.toml: nothing else says one, and none stands there in vain."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from jinja2 import Environment, nodes

import trailarrd.web.pages
import trailarrd.web.setup
from trailarrd import health
from trailarrd.domain.monitoring import MonitorMode, MonitorReason
from trailarrd.domain.waiting import Why
from trailarrd.web.pages import library, site, texts, views
from trailarrd.web.setup.introductions import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGES: Final = Path(trailarrd.web.pages.__file__).parent
SETUP: Final = Path(trailarrd.web.setup.__file__).parent
TEMPLATES: Final = {
    file.stem: Environment(autoescape=True).parse(file.read_text(encoding="utf-8"))
    for file in sorted((PAGES / "templates").glob("*.html"))
}
SCRIPTS: Final = sorted((PAGES / "static").glob("*.js"))
HANDLERS: Final = sorted([*PAGES.glob("*.py"), *SETUP.glob("*.py")])
READ_OUT: Final = {"alt", "aria-label", "placeholder", "title", "data-ask", "data-label", "data-said"}
"""Attributes that a person reads or hears."""
SAME_EVERYWHERE: Final = {
    "trailarrd",
    "include:",
    "trailarrd --config",
    "init",
    "trailarrd init",
}
"""Names and commands."""
OF_A_BUTTON: Final = ("text", "said", "ask")
VALUE: Final = "\0"
"""Where a template puts a value."""


class Spoken(HTMLParser):
    """What a template says itself: between its elements, and in attributes that are read out."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(content)
        self.close()

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in READ_OUT and value]

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    @property
    def sentences(self) -> list[str]:
        told = [" ".join(one.replace(VALUE, " ").split()).strip(" ·(") for one in self.found]
        return [
            one
            for one in told
            if re.search(r"[^\W\d_]", one) and one not in SAME_EVERYWHERE and not one.startswith("http")
        ]


def written(node: nodes.Node) -> Iterator[str]:
    """What stands on the page whatever the values are, with each word that the template may choose itself."""
    match node:
        case nodes.TemplateData():
            yield node.data
        case nodes.Const(value=str(text)):
            yield text
        case nodes.Expr():
            yield VALUE
            for part in chosen(node):
                yield from written(part)
        case _:
            for child in node.iter_child_nodes():
                if isinstance(node, nodes.Output) or not isinstance(child, nodes.Expr):
                    yield from written(child)


def chosen(node: nodes.Expr) -> list[nodes.Expr]:
    """The parts of an expression that are shown."""
    match node:
        case nodes.CondExpr(expr1=one, expr2=other):
            return [one, *([other] if other else [])]
        case nodes.Concat(nodes=parts):
            return list(parts)
        case nodes.Or(right=text) | nodes.And(right=text):
            return [text]
        case nodes.Call(node=nodes.Name(name="mark"), args=[_, text]):
            return [text]
    return []


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_says_anything_itself(name: str) -> None:
    assert Spoken("".join(written(TEMPLATES[name]))).sentences == []
    anywhere = [node.value for node in TEMPLATES[name].find_all(nodes.Const) if isinstance(node.value, str)]
    assert [text for text in anywhere if re.search(r"[A-Z][a-z]|[a-z] +[a-z]", text)] == []


@pytest.mark.parametrize(
    "said",
    [
        "<p>Text</p>",
        '<a title="Text">',
        '<p>{{ "text" if a else b }}</p>',
        '<p>{{ name or "no name" }}</p>',
        '{{ mark("good", "fine") }}',
    ],
)
def test_what_a_template_would_say_itself_is_noticed(said: str) -> None:
    assert Spoken("".join(written(Environment(autoescape=True).parse(said)))).sentences


def calls() -> Iterator[tuple[str, list[str], set[str]]]:
    """Whatever templates ask for: how, the names that it may come to, and the values that are given."""
    for template in TEMPLATES.values():
        for call in template.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("t", "plain", "button"):
                given = {one.key for one in call.kwargs}
                yield call.node.name, list(named(call.args[0])), given


def named(node: nodes.Expr | None) -> Iterator[str]:
    """Each text that an expression may come to; of `"waiting." ~ why` all that begin so."""
    match node:
        case nodes.Const():
            yield node.value
        case nodes.CondExpr():
            yield from named(node.expr1)
            yield from named(node.expr2)
        case nodes.Concat(nodes=[nodes.Const(value=begin), *rest]):
            end = rest[-1].value if isinstance(rest[-1], nodes.Const) else ""
            yield from (name for name in texts.catalogue() if name.startswith(begin) and name.endswith(end))


def needed(name: str) -> set[str]:
    text = texts.catalogue()[name]
    forms = [text] if isinstance(text, str) else [*text.values(), "{count}"]
    return {value for form in forms for value in re.findall(r"\{(\w+)\}", form)}


def test_each_text_that_a_template_asks_for_is_there_and_is_given_its_values() -> None:
    for how, found, given in calls():
        for name in found:
            parts = [f"{name}.{part}" for part in OF_A_BUTTON] if how == "button" else [name]
            there = [part for part in parts if part != f"{name}.ask" or texts.has(part)]
            for part in there:
                assert texts.has(part), part
                assert needed(part) <= given, part
                if how == "plain" or part.endswith((".said", ".ask")):
                    assert not re.search(r"[<&]", str(texts.catalogue()[part])), part


def test_what_has_no_way_back_asks_before_and_says_so_afterwards() -> None:
    for template in TEMPLATES.values():
        for call in template.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "button":
                (name,) = named(call.args[0])
                can_be_undone = "back" in {one.key for one in call.kwargs}
                said = [texts.catalogue().get(f"{name}.{part}", "") for part in ("ask", "said")]
                told = ["cannot be undone" in str(text) for text in said]
                assert told == [not can_be_undone and name not in LOSES_NOTHING] * 2, name


LOSES_NOTHING: Final = {
    *("overview.discard", "overview.discard-vanished", "overview.refresh", "item.look", "item.refresh"),
    *("system.check", "system.end", "download.now", "downloads.retry-all"),
}
"""Buttons that ask for something sooner than it would come by itself, or keep everything as it was."""


def test_no_handler_says_anything_itself() -> None:
    for file in HANDLERS:
        texts_of = [text for text in spoken_by(file) if not text.startswith("<")]
        assert [text for text in texts_of if re.search(r"[a-z] [a-z]|^[A-Z][a-z]+ ", text)] == [], file


def spoken_by(file: Path) -> Iterator[str]:
    """Its strings, but for those that say what code is."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    about = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in about:
            yield node.value


QUOTED: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')


def test_no_script_says_anything_itself() -> None:
    for file in SCRIPTS:
        content = re.sub(r"(^|\s)//.*", "", file.read_text(encoding="utf-8"))
        found = [one or other for one, other in QUOTED.findall(content)]
        sentences = [text for text in found if re.search(r"^[A-Z][a-z]+\b(?!-)|^[\w']+ [\w' ]+[.:]?$", text)]
        assert sentences == [], file


def test_no_text_is_there_in_vain() -> None:
    asked = {text for file in HANDLERS for text in spoken_by(file)}
    for template in TEMPLATES.values():
        asked |= {node.value for node in template.find_all(nodes.Const) if isinstance(node.value, str)}
    content = "".join(file.read_text(encoding="utf-8") for file in SCRIPTS)
    asked |= {f"{texts.SCRIPTS}.{text}" for text in re.findall(r'["`]([a-z-]+)(?:\$\{|["`])', content)}
    begins = tuple(text for text in asked if text.endswith((".", "-")) and text.count("."))
    buttons = {f"{text}.{part}" for text in asked for part in OF_A_BUTTON}
    known: Any = texts.catalogue()
    assert [name for name in known if name not in asked | buttons and not name.startswith(begins)] == []


def test_whatever_the_program_has_a_word_for_has_a_text() -> None:
    codes = re.findall(r'HealthIssue\(\s*"([a-z-]+)"', Path(health.__file__).read_text(encoding="utf-8"))
    assert len(set(codes)) > 10
    known: dict[str, Iterable[str]] = {
        "reason": MonitorReason,
        "waiting": Why,
        "meaning": codes,
        "server.modes": MonitorMode,
        "server.facts": FACTS,
        "server.examples": FACTS,
        "media.sort": library.SORTS,
        "media.column": [name for name, _ in library.COLUMNS],
        "overview.days": views.SPANS,
        "frame.tabs": [name for _, name, _ in site.TABS],
    }
    for section, words in known.items():
        assert [word for word in words if not texts.has(f"{section}.{word}")] == [], section
