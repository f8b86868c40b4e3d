"""What the text of a setting means: one function for every kind of setting.

Each takes what YAML gave, or the finished value, and raises `FieldError` for all else.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ByteSize, PlainValidator, WithJsonSchema

from trailarrd.config.duration import format_duration, parse_duration
from trailarrd.config.problem import FieldError
from trailarrd.config.size import parse_size
from trailarrd.config.url import database_url, server_url
from trailarrd.config.wording import did_you_mean, kind, quote
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.secret import Secret

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

SHORTEST_INTERVAL: Final = timedelta(seconds=10)
MOST_ATTEMPTS: Final = 10

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TYPOGRAPHIC: Final = frozenset("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb")
_TRUE: Final = frozenset({"yes", "on", "y", "1", "true"})
_FALSE: Final = frozenset({"no", "off", "n", "0", "false"})


class LogLevel(StrEnum):
    """From which severity on log lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """What log lines look like; `auto` is `console` on a terminal, else `journald` or `json`."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"
    JOURNALD = "journald"


class NamesFile:
    """Marks a setting that names a file, relative to the file that says so."""


def text(value: object) -> str:
    """Any text, empty or not."""
    if value is None:
        raise FieldError("has no value", hint="give it one, or delete the line")
    if not isinstance(value, str):
        raise FieldError(f"must be text, not {kind(value)}")
    return value


def count(value: object) -> int:
    """A whole number, 0 or more."""
    if isinstance(value, int):
        return value
    if not re.fullmatch(r"[0-9]{1,9}", text(value).strip()):
        raise FieldError(f"must be a whole number, 0 or more, not {quote(text(value))}")
    return int(text(value))


def fraction(value: object) -> float:
    """A part of a whole: 0 to 1."""
    if isinstance(value, float):
        return value
    if not re.fullmatch(r"0|1|0?\.[0-9]+|1\.0+|0\.[0-9]*", text(value).strip()):
        raise FieldError(f"must be between 0 and 1, not {quote(text(value))}", hint="0.2 is a fifth")
    return float(text(value))


def attempts(value: object) -> int:
    """How often to try; once is the least."""
    number = count(value)
    if not 1 <= number <= MOST_ATTEMPTS:
        raise FieldError(f"must be from 1 to {MOST_ATTEMPTS}", hint="1 asks once in each refresh")
    return number


def filled(value: object) -> str:
    """Text that says something."""
    if not text(value).strip():
        raise FieldError("is empty")
    return text(value)


def name(value: object) -> str:
    """A name that is safe in commands, logs and file names."""
    if not _NAME.fullmatch(filled(value)):
        raise FieldError(
            f"{quote(text(value))} is not a name",
            hint="letters, digits, '-', '_' and '.', a letter or digit first: my-movies",
        )
    return text(value)


def key(value: object) -> Secret:
    """An API key; no message ever repeats it."""
    if isinstance(value, Secret):
        return value
    revealed = text(value)
    if not revealed:
        raise FieldError("is empty", hint="the server shows it under Settings, General, Security")
    if any(char.isspace() for char in revealed):
        raise FieldError("contains whitespace", hint="copy the key alone, without line ends")
    if revealed[0] in _TYPOGRAPHIC:
        raise FieldError("is in typographic quotes", hint="use plain ones, ' or \", or none")
    if not (revealed.isascii() and revealed.isprintable()):
        raise FieldError("contains a character that no API key has", hint="copy it once more")
    return Secret(revealed)


def truth(value: object) -> bool:
    """True or false, by these words alone."""
    if isinstance(value, bool):
        return value
    word = text(value).lower()
    if word in {"true", "false"}:
        return word == "true"
    meant = "write true" if word in _TRUE else "write false" if word in _FALSE else None
    raise FieldError(f"must be true or false, not {quote(text(value))}", hint=meant)


def duration(value: object) -> timedelta:
    """A length of time, longer than zero."""
    if isinstance(value, timedelta):
        return value
    try:
        length = parse_duration(text(value))
    except FieldError:
        raise
    except ValueError as error:
        raise FieldError(
            f"{quote(text(value))} {error}", hint="write it like 90s, 30m, 1h30m or 2 days"
        ) from None
    if not length:
        raise FieldError("must be longer than zero")
    return length


def size(value: object) -> int:
    """An amount of data in bytes, more than none."""
    if isinstance(value, int):
        return value
    try:
        amount = parse_size(text(value))
    except FieldError:
        raise
    except ValueError as error:
        raise FieldError(f"{quote(text(value))} {error}", hint="write it like 500 MB or 2 GiB") from None
    if not amount:
        raise FieldError("must be more than nothing")
    return amount


def bound(value: object) -> int:
    """A whole number, 1 or more."""
    if (number := count(value)) < 1:
        raise FieldError("must be 1 or more")
    return number


def interval(value: object) -> timedelta:
    """How often to ask; not so often that a server suffers."""
    length = duration(value)
    if length < SHORTEST_INTERVAL:
        raise FieldError(f"must be at least {format_duration(SHORTEST_INTERVAL)}")
    return length


def choice(value: object, choices: type[ChoiceT]) -> ChoiceT:
    """One of a few words."""
    word = text(value)
    if word in set(choices):
        return choices(word)
    raise FieldError(f"{quote(word)} is not one of {', '.join(choices)}", hint=did_you_mean(word, choices))


def one_or_more(value: object) -> object:
    """A list, also of a single text."""
    return [value] if value is None or isinstance(value, str) else value


def mode(value: object) -> MonitorMode:
    """What to monitor; a yes or no is not enough to tell."""
    try:
        return choice(value, MonitorMode)
    except FieldError as error:
        word = text(value).lower()
        if word in _FALSE:
            error.hint = "write none to monitor nothing"
        elif word in _TRUE | {"all"}:
            error.hint = "write missing to monitor every item without a trailer"
        raise


REFERENCE: Final = {"type": "string", "pattern": r"\$\{"}
"""In an editor's eyes: a text in which a variable stands."""


def _schema(*types: str, **keywords: object) -> WithJsonSchema:
    """What an editor is told: instead of the value itself, `${VARIABLE}` may stand everywhere."""
    own = {"type": types[0] if len(types) == 1 else [*types], **keywords}
    takes_any_text = "string" in types and keywords.keys() <= {"minLength"}
    return WithJsonSchema(own if takes_any_text else {"anyOf": [own, REFERENCE]})


TIME: Final = {"type": "string", "pattern": r"^\s*([0-9.]+\s*[a-z]+\s*)+$|\$\{"}
"""In an editor's eyes: a duration."""


Text = Annotated[str, PlainValidator(text), _schema("string")]
Filled = Annotated[str, PlainValidator(filled), _schema("string", minLength=1)]
CaFile = Annotated[str | None, PlainValidator(filled), NamesFile(), _schema("string", minLength=1)]
Includes = Annotated[
    tuple[Filled, ...],
    BeforeValidator(one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Options = Annotated[BaseModel | None, PlainValidator(lambda value: value), WithJsonSchema({"type": "object"})]
Name = Annotated[str, PlainValidator(name), _schema("string", "integer", pattern=f"^{_NAME.pattern}$")]
Key = Annotated[Secret, PlainValidator(key), _schema("string", "number")]
Count = Annotated[int, PlainValidator(count), _schema("integer", "string", minimum=0, pattern="^[0-9]{1,9}$")]
Attempts = Annotated[
    int,
    PlainValidator(attempts),
    _schema("integer", "string", minimum=1, maximum=MOST_ATTEMPTS, pattern="^0*[0-9]{1,2}$"),
]
Fraction = Annotated[
    float, PlainValidator(fraction), _schema("number", "string", minimum=0, maximum=1, pattern=r"^[0-9.]+$")
]
Truth = Annotated[
    bool, PlainValidator(truth), _schema("boolean", "string", pattern="^([Tt]rue|TRUE|[Ff]alse|FALSE)$")
]
Duration = Annotated[timedelta, PlainValidator(duration), WithJsonSchema(TIME)]
Size = Annotated[
    ByteSize,
    PlainValidator(lambda value: ByteSize(size(value))),
    _schema("string", pattern=r"^\s*[0-9.]+\s*[A-Za-z]+\s*$"),
]
Bound = Annotated[int, PlainValidator(bound), _schema("integer", "string", minimum=1, pattern="^[0-9]{1,9}$")]
Interval = Annotated[timedelta, PlainValidator(interval), WithJsonSchema(TIME)]
Mode = Annotated[MonitorMode, PlainValidator(mode), _schema("string", enum=[*MonitorMode])]
Level = Annotated[
    LogLevel, PlainValidator(lambda value: choice(value, LogLevel)), _schema("string", enum=[*LogLevel])
]
Format = Annotated[
    LogFormat, PlainValidator(lambda value: choice(value, LogFormat)), _schema("string", enum=[*LogFormat])
]
ServerUrl = Annotated[
    str,
    PlainValidator(lambda value: server_url(text(value))),
    _schema("string", pattern="^[Hh][Tt][Tt][Pp][Ss]?://"),
]
DatabaseUrl = Annotated[
    str,
    PlainValidator(lambda value: database_url(text(value))),
    _schema("string", pattern=r"^sqlite\+aiosqlite:///"),
]
