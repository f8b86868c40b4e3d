"""Kinds of settings that pydantic does not know by itself.

Where the data come from a file, they are text; what a text must be like, a constraint or one of these
functions says, and the translator tells it.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Final, TypeVar

import pydantic
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError, PydanticKnownError

from trailarrd.config.diagnostic import FieldError, kind, quote
from trailarrd.config.url import database_url, listen_url, server_url
from trailarrd.domain.secret import LoginName, Secret
from trailarrd.domain.times import TrustTimes
from trailarrd.domain.want import Years

T = TypeVar("T")
SecretT = TypeVar("SecretT", bound=Secret)

_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_LISTEN: Final = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
REFERENCE: Final = {"type": "string", "pattern": r"\$\{"}
"""In an editor's eyes: a text in which a variable stands, which may be anywhere."""
SIZE: Final = {"type": "string", "pattern": r"^\s*[0-9.]+\s*[A-Za-z]+\s*$|\$\{"}
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_KEY_HEADER: Final = "x-api-key"
_OWN_HEADER: Final = re.compile(
    "accept(-encoding)?|connection|content-.*|host|te|trailer|transfer-encoding|upgrade", re.IGNORECASE
)
_TEXT: Final = {"type": ["string", "number"]}
_LISTEN_HINT: Final = "for example 127.0.0.1:7979, [::1]:7979, or 0.0.0.0:7979 for every network"
_LARGEST_PORT: Final = 65535
DEFAULT: Final = "default"
"""In place of a path: what holds everywhere else."""
_TIMES_SCHEMA: Final = {"anyOf": [{"enum": [word.value for word in TrustTimes], "type": "string"}, REFERENCE]}
_TYPOGRAPHIC: Final = frozenset("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb")


class Section(pydantic.BaseModel):
    """A mapping in the file: knows all its keys and never changes."""

    model_config = pydantic.ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,  # most are only parts of others, which check them, too
    )


class LogLevel(StrEnum):
    """From which severity on log lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """What log lines look like; `auto` is `journald` where systemd reads them, else `console`."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"
    JOURNALD = "journald"


class NamesFile:
    """Marks a setting that names a file, relative to the file that says so."""


def checked(check: Callable[[str], T], hint: str) -> Callable[[object], T]:
    """A validator by `check`, which raises `ValueError` in words that follow the text."""

    def validate(text: object) -> T:
        if not isinstance(text, str):
            raise PydanticKnownError("string_type")
        try:
            return check(text)
        except ValueError as error:
            raise FieldError(f"{quote(text)} {error}", hint=hint) from None

    return validate


def said(value: object) -> object:
    """To leave a setting out is to say nothing; to write its key and no value is a mistake."""
    if value is None:
        raise PydanticKnownError("string_type")
    return value


def _in_plain_words(value: object) -> object:
    """`no` is false to YAML 1.1, and pydantic takes ten more words: none is taken, and the right one told."""
    if isinstance(value, str) and value.lower() not in {"true", "false"}:
        raise PydanticKnownError("bool_parsing")
    return value


def one_or_more(value: object) -> object:
    """A list, also of a single text."""
    return [value] if isinstance(value, str) else value


def _key(key: Secret) -> Secret:
    """No message ever repeats it."""
    text = key.reveal()
    if not text:
        raise FieldError("is empty", hint="the server shows it under Settings, General, Security")
    if any(char.isspace() for char in text):
        raise FieldError("contains whitespace", hint="copy the key alone, without line ends")
    if text[0] in _TYPOGRAPHIC:
        raise FieldError("is in typographic quotes", hint="use plain ones, ' or \", or none")
    if not (text.isascii() and text.isprintable()):
        raise FieldError("contains a character that no API key has", hint="copy it once more")
    return key


def _header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise FieldError(
            f"{quote(name)} is no name of a header", hint="letters, digits and hyphens, as X-Gate"
        )
    if name.lower() == _KEY_HEADER:
        raise FieldError(f"{quote(name)} is the key's own header", hint="the key has a setting: api_key")
    if _OWN_HEADER.fullmatch(name):
        raise FieldError(f"{quote(name)} is for trailarrd itself to say", hint="delete it")
    return name


def _headers(headers: dict[str, Secret]) -> dict[str, Secret]:
    first: dict[str, str] = {}
    for name in headers:
        if first.setdefault(name.lower(), name) != name:
            raise FieldError(f"{quote(first[name.lower()])} and {quote(name)} are the same header")
    return headers


def _on_one_line(value: SecretT) -> SecretT:
    """Of what is sent in a header; no message ever repeats it."""
    if not value:
        raise FieldError("is empty")
    if not value.reveal().isprintable():
        raise FieldError("contains a line end or another character that no header can have")
    return value


def _user(name: LoginName) -> LoginName:
    if ":" in name.reveal():
        raise FieldError("contains a colon, at which a user's name ends")
    return name


def _listen(text: str) -> str:
    """`HOST:PORT`, with an IPv6 address in brackets; port 0 takes any that is free."""
    match = _LISTEN.fullmatch(text)
    if match is None or int(match["port"]) > _LARGEST_PORT:
        raise ValueError("is not an address and a port")
    try:
        ip_address(match["v6"] or match["host"] or "")
    except ValueError:
        if match["v6"] is not None or not _HOST_NAME.fullmatch(match["host"]):
            raise ValueError("has no address") from None
    return text


def _times(value: object) -> TrustTimes | dict[str, TrustTimes]:
    """A word, or one for each path and for all others; what else stands in a mapping is never repeated."""
    if isinstance(value, dict):
        return {_path(key): _word(word, f"for {quote(key)} must be") for key, word in value.items()}
    told = f"must be a word or a mapping, not {kind(value)}:"
    if isinstance(value, str):
        told = f"{quote(value)} is not"
    return _word(value, told)


def _word(value: object, told: str) -> TrustTimes:
    if isinstance(value, str) and value in set(TrustTimes):
        return TrustTimes(value)
    raise FieldError(f"{told} auto, always or never")


def _path(key: str) -> str:
    if key != DEFAULT and not key.startswith("/"):
        hint = f"write it like {{{DEFAULT}: auto, /mnt/pool: never}}"
        raise FieldError(f"{quote(key)} is no absolute path", hint=hint)
    return key.rstrip("/") or "/"


def _network(text: object) -> IPv4Network | IPv6Network:
    """As `pydantic.IPvAnyNetwork` takes it, whose module costs as much memory as all of our settings."""
    try:
        return ip_network(text)  # type: ignore[arg-type]  # whatever stands in the file
    except ValueError:
        raise PydanticCustomError("ip_any_network", "is no address or network") from None


Filled = Annotated[str, pydantic.StringConstraints(min_length=1, strip_whitespace=True)]
Unsaid = SkipJsonSchema[None]

Name = Annotated[
    str,
    pydantic.StringConstraints(pattern=_NAME),
    pydantic.WithJsonSchema({"type": ["string", "integer"], "pattern": _NAME + r"|\$\{"}),
]
Key = Annotated[Secret, pydantic.AfterValidator(_key), pydantic.WithJsonSchema(_TEXT)]
Headers = Annotated[
    dict[
        Annotated[str, pydantic.AfterValidator(_header_name)],
        Annotated[Secret, pydantic.AfterValidator(_on_one_line)],
    ],
    pydantic.AfterValidator(_headers),
    pydantic.WithJsonSchema({"type": "object", "additionalProperties": _TEXT}),
]
Password = Annotated[Secret, pydantic.AfterValidator(_on_one_line), pydantic.WithJsonSchema(_TEXT)]
User = Annotated[
    LoginName,
    pydantic.AfterValidator(_on_one_line),
    pydantic.AfterValidator(_user),
    pydantic.WithJsonSchema(_TEXT),
]
ServerUrl = Annotated[
    str,
    pydantic.AfterValidator(server_url),
    pydantic.WithJsonSchema({"type": "string", "pattern": r"^[Hh][Tt][Tt][Pp][Ss]?://|\$\{"}),
]
ExternalUrl = Annotated[ServerUrl | Unsaid, pydantic.BeforeValidator(said)]
DatabaseUrl = Annotated[
    str,
    pydantic.AfterValidator(database_url),
    pydantic.WithJsonSchema(
        {"type": "string", "pattern": r"^sqlite\+aiosqlite:///|^postgresql\+asyncpg://|\$\{"}
    ),
]
_ServerDatabase = Annotated[
    str,
    pydantic.AfterValidator(listen_url),
    pydantic.WithJsonSchema({"type": "string", "pattern": r"^postgresql\+asyncpg://|\$\{"}),
]
ListenUrl = Annotated[_ServerDatabase | Unsaid, pydantic.BeforeValidator(said)]
CaFile = Annotated[Filled | Unsaid, pydantic.BeforeValidator(said), NamesFile()]
Includes = Annotated[
    tuple[Filled, ...],
    pydantic.BeforeValidator(one_or_more),
    pydantic.WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Words = Annotated[
    tuple[Filled, ...],
    pydantic.BeforeValidator(one_or_more),
    pydantic.WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One, or a list of them."""
YearRange = Annotated[
    Years | None,
    pydantic.PlainValidator(checked(Years.parse, "for example 1999, 1990-, -1980 or 1990-1999")),
    pydantic.PlainSerializer(lambda years: years and str(years)),
    pydantic.WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}]}),
]
Count = Annotated[int, pydantic.Field(ge=0, le=10**9)]
Bound = Annotated[int, pydantic.Field(ge=1, le=10**9)]
Fraction = Annotated[float, pydantic.Field(ge=0, le=1, allow_inf_nan=False)]
Duration = Annotated[timedelta, pydantic.Field(gt=timedelta())]
Interval = Annotated[timedelta, pydantic.Field(ge=timedelta(seconds=10))]
"""How often to ask; not so often that a server suffers."""
Size = Annotated[pydantic.ByteSize, pydantic.Field(gt=0), pydantic.WithJsonSchema(SIZE)]
Times = Annotated[
    TrustTimes | dict[str, TrustTimes],
    pydantic.PlainValidator(_times),
    pydantic.WithJsonSchema(
        {"anyOf": [*_TIMES_SCHEMA["anyOf"], {"type": "object", "additionalProperties": _TIMES_SCHEMA}]}
    ),
]
Truth = Annotated[bool, pydantic.BeforeValidator(_in_plain_words)]
Listen = Annotated[Filled, pydantic.AfterValidator(checked(_listen, _LISTEN_HINT))]
BasePath = Annotated[
    str,
    pydantic.StringConstraints(strip_whitespace=True, pattern=r"^(/[A-Za-z0-9._~-]+)*/?$"),
    pydantic.AfterValidator(lambda path: path.rstrip("/")),
]
Network = Annotated[
    IPv4Network | IPv6Network,
    pydantic.BeforeValidator(_network),
    pydantic.WithJsonSchema({"type": "string", "format": "ipvanynetwork"}),
]
