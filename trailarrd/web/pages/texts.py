"""Every text of the pages and their scripts by its name, as `texts.toml` has them: `overview.well`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from markupsafe import Markup

from trailarrd.web.pages.values import digits, isolated, number

SCRIPTS: Final = "script"
"""The part that the scripts say."""
FORMS: Final = {"one", "other"}
"""Of a text that depends on `count`."""
_VALUE: Final = re.compile(r"\{(\w+)\}")


def html(name: str, /, **values: object) -> Markup:
    """A text within the page: what it names is escaped, numbers are as the reader writes them.

    Raises `KeyError` if there is no such text, or one of its values is not given.
    """
    text = _form(name, values)
    return Markup(_VALUE.sub(lambda found: _within(values[found[1]]), text)) if values else text  # noqa: S704  # the text is ours


def plain(name: str, /, **values: object) -> str:
    """The same where no element can stand: in an attribute, or for a program."""
    text = _form(name, values)
    return _VALUE.sub(lambda found: _between(values[found[1]]), text) if values else str(text)


def has(name: str) -> bool:
    return name in catalogue()


def catalogue() -> Mapping[str, Any]:
    """Each text by its whole name; one that depends on a number has a form for `one` and for `other`."""
    return _read()[0]


def scripts() -> Mapping[str, Any]:
    """What the scripts say, by its name among them."""
    return _read()[1]


@cache
def _read() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """For the first page: a daemon that shows none need not have them."""
    sections = tomllib.loads((files("trailarrd.web.pages") / "texts.toml").read_text(encoding="utf-8"))
    return dict(_named(sections, "")), sections[SCRIPTS]


def _named(section: Mapping[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    for name, text in section.items():
        if isinstance(text, str):
            yield f"{before}{name}", Markup(text)  # noqa: S704  # the text is ours
        elif text.keys() == FORMS:
            yield f"{before}{name}", {form: Markup(one) for form, one in text.items()}  # noqa: S704  # ours
        else:
            yield from _named(text, f"{before}{name}.")


def _form(name: str, values: Mapping[str, object]) -> Markup:
    text: Markup | Mapping[str, Markup] = _read()[0][name]
    return text if isinstance(text, Markup) else text["one" if values["count"] == 1 else "other"]


def _within(value: object) -> str:
    match value:
        case Markup():
            return value
        case int():
            return number(value)
        case float():
            return f"{value:g}"
    return Markup("<bdi>{}</bdi>").format(value)


def _between(value: object) -> str:
    match value:
        case int():
            return digits(value)
        case float():
            return f"{value:g}"
    return isolated(str(value))
