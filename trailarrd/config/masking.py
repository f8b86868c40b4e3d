"""What of a line may be shown: the values of keys that the models know and that are no secrets.

Of all other values an ellipsis stands there, and in a text that does not parse, nothing is shown but
the keys at the beginning of the line: what follows may be anything. `secrets_in` finds what is to be kept
out of logs, of messages, of files that all can read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import yaml
from pydantic import BaseModel, SecretBytes, SecretStr

from trailarrd.config.shape import OPTIONS, Model, all_fields, fields_of, is_secret, model_of
from trailarrd.domain.secret import LoginName, Secret

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


MASK: Final = "********"
"""In place of a secret, in settings that are printed."""
_ELLIPSIS: Final = "…"
_SECRET_NAME: Final = re.compile(r"api|key|token|secret|pass|pwd|auth|credential", re.IGNORECASE)
_EVIDENT: Final = (
    re.compile(r"([0-9a-fA-F]{32,})"),  # what every Arr server's key looks like
    re.compile(r"//(\S*)@"),
    re.compile(r"(?:key|token|secret|passw\w*)[:=](\S+)", re.IGNORECASE),  # YAML wants a blank
    re.compile(r"api_?key\s+(\S+)"),
)
_LOGIN_OR_QUERY: Final = re.compile(r".@|//.*[?#]", re.DOTALL)
_REFERENCE: Final = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_REFERENCE_TAGS: Final = frozenset({"!env", "!file", "!credential"})
_PUNCTUATION: Final = r"""[\s\[\]{},?'"-]*"""


Span: TypeAlias = tuple[int, int]
"""Characters of a line, counted from 0, the end excluded."""


class Keys(NamedTuple):
    """The keys whose values may be shown."""

    values: frozenset[str]
    mappings: frozenset[str]
    """Only if a mapping stands there: what else one writes there may be meant for a secret within it."""

    def show(self, key: str, value: yaml.Node) -> bool:
        """Whether the value may be shown, or what is in it looked at one by one."""
        if key in self.values or key == "<<":
            return True
        return (key in self.mappings or key.startswith("x-")) and isinstance(value, yaml.MappingNode)


class AllowList:
    """What the models of trailarrd and of the installed plugins let show; built for the first mistake.

    `settings` brings the model of the whole file, which is slow to load.
    """

    def __init__(self, options: Iterable[Model], settings: Callable[[], Model]) -> None:
        self._given = options
        self._settings = settings

    @cached_property
    def _options(self) -> tuple[Model, ...]:
        return tuple(self._given)

    @cached_property
    def settings(self) -> Keys:
        model = self._settings()
        mappings = {OPTIONS, *(key for key, field in all_fields(model) if _is_login(field))}
        shown = {key for key, field in all_fields(model) if not is_secret(field)}
        return Keys(frozenset(shown - mappings), frozenset(mappings))

    @cached_property
    def options(self) -> Keys:
        fields = [item for options in self._options for item in all_fields(options)]
        secret = {key for key, field in fields if is_secret(field) or is_secret_name(key)}
        mappings = {key for key, field in fields if model_of(field)}
        return Keys(frozenset({key for key, _ in fields} - secret - mappings), frozenset(mappings - secret))

    @cached_property
    def _beginning(self) -> re.Pattern[str]:
        models: tuple[Model, ...] = (self._settings(), *self._options)
        names = {key for model in models for key, _ in all_fields(model)}
        known = "|".join(map(re.escape, sorted(names)))
        key = rf"""{_PUNCTUATION}(?:{known})(?![\w-])["']?\s*"""
        return re.compile(rf"(?:{key}:)*(?:{key})?{_PUNCTUATION}")

    def hidden(
        self, lines: Sequence[str], number: int, root: yaml.Node | None, key: str | None
    ) -> list[Span]:
        """What of a line must not be shown; `root` is what all of them mean, None if they do not parse.

        `key` is the setting whose value they are, None for a file of its own.
        """
        if root is None:
            known = self._beginning.match(lines[number])
            return [(known.end() if known else 0, len(lines[number]))]
        if key is not None and not self.settings.show(key, root):
            hidden: Iterable[yaml.Node] = [root]
        else:
            hidden = self._hidden_nodes(root, self.options if key == OPTIONS else self.settings)
        return [span for node in hidden if (span := _span(node, lines[number], number))]

    def _hidden_nodes(self, root: yaml.Node, keys: Keys) -> Iterator[yaml.Node]:
        waiting, seen = [(root, keys)], set[tuple[int, bool]]()
        while waiting:
            node, keys = waiting.pop()
            # An alias may lead here from a setting and from an option, or to what it stands in.
            if (id(node), keys is self.settings) in seen:
                continue
            seen.add((id(node), keys is self.settings))
            if isinstance(node, yaml.ScalarNode):
                yield from [node] if _LOGIN_OR_QUERY.search(node.value) else []
            elif isinstance(node, yaml.SequenceNode):
                waiting += [(item, keys) for item in node.value]
            else:
                for name, value in node.value:
                    waiting.append((name, keys))
                    text = name.value if isinstance(name, yaml.ScalarNode) else ""
                    if keys.show(text, value):
                        waiting.append((value, self.options if text == OPTIONS else keys))
                    elif not (isinstance(value, yaml.ScalarNode) and is_reference(_written(value))):
                        yield value


def _is_login(field: FieldInfo) -> bool:
    """Whether it is a mapping of nothing but secrets."""
    inner = fields_of(model_of(field)).values()
    return bool(inner) and all(map(is_secret, inner))


def _span(node: yaml.Node, line: str, number: int) -> Span | None:
    first, last = node.start_mark, node.end_mark
    if not first.line <= number <= last.line:
        return None
    return (
        first.column if number == first.line else len(line) - len(line.lstrip()),
        last.column if number == last.line else len(line),
    )


def _written(node: yaml.ScalarNode) -> str:
    return f"{node.tag} {node.value}" if node.tag in _REFERENCE_TAGS else node.value


def is_secret_name(name: str) -> bool:
    """Whether a plugin's key by that name may have a secret as its value, whatever its type."""
    return bool(_SECRET_NAME.search(name))


def is_reference(text: str) -> bool:
    """Whether a value, as it is written, only says where the value is."""
    return text.split(" ", maxsplit=1)[0] in _REFERENCE_TAGS or _REFERENCE.fullmatch(text) is not None


def conceal(text: str, mask: str = _ELLIPSIS) -> str:
    """The text without what looks like a secret wherever it stands."""
    return hide(text, 0, (), mask)[0]


def hide(text: str, caret: int, spans: Iterable[Span], mask: str = _ELLIPSIS) -> tuple[str, int]:
    """The text with the mask for the spans and for what looks like a secret, and where the caret is now."""
    evident = {match.span(1) for pattern in _EVIDENT for match in pattern.finditer(text)}
    shown, done, moved = "", 0, caret
    for start, end in sorted({*spans, *evident}):
        begin = max(start, done)
        if not text[begin:end].strip():
            continue
        shown += text[done:begin]
        if caret >= end:
            moved += len(mask) - (end - begin)
        elif caret > begin:
            moved = len(shown)
        shown, done = shown + mask, end
    return shown + text[done:], moved


_PLAIN_WORDS: Final = frozenset({"0", "1", "true", "false", "yes", "no", "on", "off", "http", "https"})
"""Values of headers that nobody keeps secret, and that are part of any text."""


def secrets_in(value: object) -> Iterator[Secret]:
    """The secrets within a model, a collection or a single value, at any depth."""
    match value:
        case Secret():
            if not isinstance(value, LoginName) and value.reveal().lower() not in _PLAIN_WORDS:
                yield value
        case SecretStr():
            yield Secret(value.get_secret_value())
        case SecretBytes():
            yield Secret(value.get_secret_value().decode(errors="replace"))
        case BaseModel():
            # Not `vars`: what a model took in beyond its fields may be secret, too.
            for _, inner in value:
                yield from secrets_in(inner)
        case dict():
            yield from secrets_in([*value, *value.values()])
        case list() | tuple() | set() | frozenset():
            for inner in value:
                yield from secrets_in(inner)
