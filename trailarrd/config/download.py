"""The settings under `download:`: whether trailers are downloaded, how fast, and what they may be like."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar

import pydantic

from trailarrd.config.context import LoadContext
from trailarrd.config.diagnostic import FieldError, quote
from trailarrd.config.fields import Bound, Count, Filled, NamesFile, Section, Size, Truth, Unsaid, Words, said
from trailarrd.config.times import QuietWindows
from trailarrd.config.units import format_duration
from trailarrd.domain.quiet import QuietHours
from trailarrd.domain.secret import Secret
from trailarrd.domain.site import Pace
from trailarrd.domain.video import Limits
from trailarrd.schedule import zone_of

_PACE: Final = Pace()
_LIMITS: Final = Limits()
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
Ordered = TypeVar("Ordered", "PauseSettings", "LengthSettings")
_SCHEMES: Final = ("http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://")


def _proxy(proxy: Secret) -> Secret:
    """No message ever repeats it: there may be a password in it."""
    text = proxy.reveal()
    if not text.lower().startswith(_SCHEMES) or any(char.isspace() for char in text):
        raise FieldError("is no proxy's address", hint="for example http://127.0.0.1:3128")
    return proxy


def _in_order(later: timedelta, info: pydantic.ValidationInfo) -> timedelta:
    earlier = info.data.get("from_")
    if earlier is not None and later < earlier:
        raise FieldError(f"is shorter than from, which is {format_duration(earlier)}")
    return later


def _in_order_by_default(section: Ordered) -> Ordered:
    """What is not written is not validated by itself."""
    if "to" not in section.model_fields_set and section.to < section.from_:
        raise FieldError(
            f"from is longer than to, which is {format_duration(section.to)}", hint="write to, too"
        )
    return section


def _languages(tags: tuple[str, ...]) -> tuple[str, ...]:
    for tag in tags:
        if not _LANGUAGE.fullmatch(tag):
            raise FieldError(f"{quote(tag)} is no language", hint="for example de, or pt-BR")
    return tags


Span = Annotated[timedelta, pydantic.Field(ge=timedelta())]
"""A duration that may be none."""
LaterSpan = Annotated[Span, pydantic.AfterValidator(_in_order)]
Proxy = Annotated[
    Annotated[Secret, pydantic.AfterValidator(_proxy), pydantic.WithJsonSchema({"type": "string"})] | Unsaid,
    pydantic.BeforeValidator(said),
]
Languages = Annotated[Words, pydantic.AfterValidator(_languages)]
Folder = Annotated[Filled | Unsaid, pydantic.BeforeValidator(said), NamesFile()]


class PauseSettings(Section):
    """How long a site is left alone after each try: somewhere between the two."""

    from_: Span = pydantic.Field(default=_PACE.pause[0], alias="from")
    """The shortest; 0s is allowed."""
    to: LaterSpan = _PACE.pause[1]
    """The longest."""

    _order = pydantic.model_validator(mode="after")(_in_order_by_default)


class LengthSettings(Section):
    """How long a trailer may be; another video is refused."""

    from_: Span = pydantic.Field(default=_LIMITS.shortest, alias="from")
    """The shortest."""
    to: LaterSpan = _LIMITS.longest
    """The longest."""

    _order = pydantic.model_validator(mode="after")(_in_order_by_default)


class HeightSettings(Section):
    """How large the picture may be, where there is a choice."""

    at_most: Bound = 1080
    """Lines: the best up to there, else the smallest above."""


class DownloadSettings(Section):
    """Downloading trailers. Without this section nothing is ever downloaded, and nobody is asked for one."""

    preview: Truth = True
    """Only shows what would be downloaded; what you ask for by name is downloaded all the same."""
    per_day: Count = _PACE.per_day
    """How many may be tried a day, at each site."""
    pause: PauseSettings = PauseSettings()
    hours: QuietWindows = ()
    """When it is done, by the clock of timezone: 01:00-07:00, or a list of such; if not given, always."""
    min_free: Annotated[pydantic.ByteSize, pydantic.Field(ge=0)] = pydantic.ByteSize(5 * 2**30)
    """How much room the disk of the library, and that of the work folder, keeps."""
    max_size: Size = pydantic.ByteSize(_LIMITS.max_bytes)
    """How large a trailer may be."""
    length: LengthSettings = LengthSettings()
    height: HeightSettings = HeightSettings()
    languages: Languages = ()
    """Of the sound, as de or pt-BR, most wanted first; if not given, the original's."""
    private_addresses: Truth = False
    """Whether an address that came by the API may lead to a host that is not of the public internet."""
    work: Folder = None
    """The folder in which videos are before they are placed; by default beside the database."""
    proxy: Proxy = None
    """Through which everything is asked; better taken from elsewhere by !env or !file."""
    options: Annotated[pydantic.BaseModel | None, pydantic.WithJsonSchema({"type": "object"})] = None
    """What a downloader alone understands, by its name."""

    @pydantic.field_validator("options", mode="before")
    @classmethod
    def _as_the_downloaders_read_them(
        cls, options: object, info: pydantic.ValidationInfo
    ) -> pydantic.BaseModel | None:
        known = info.context.providers if isinstance(info.context, LoadContext) else None
        return known.read_downloads(options) if known else None

    def pace(self, timezone: str | None) -> Pace:
        """How fast a site may be asked."""
        return Pace(per_day=self.per_day, pause=(self.pause.from_, self.pause.to), zone=zone_of(timezone))

    def hours_of(self, timezone: str | None) -> QuietHours | None:
        """When it is done by itself; None: always."""
        return QuietHours(self.hours, zone_of(timezone)) if self.hours else None

    def limits(self) -> Limits:
        """What a trailer may be like."""
        return Limits(shortest=self.length.from_, longest=self.length.to, max_bytes=self.max_size)

    def options_of(self, name: str) -> pydantic.BaseModel | None:
        """What it says of the downloader of that name, in the downloader's own words; None if nothing."""
        if self.options is None:
            return None
        fields = type(self.options).model_fields
        key = next((key for key, field in fields.items() if field.alias == name), None)
        value: pydantic.BaseModel | None = getattr(self.options, key) if key else None
        return value

    def folder(self, beside: Path | None) -> Path:
        """Where videos are before they are placed; `beside` is the folder of the database."""
        return Path(self.work) if self.work else (beside or Path()) / "downloads"
