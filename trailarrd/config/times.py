"""Kinds of settings about times of the day; apart from the others, since cron and time zones load slowly."""

import re
from datetime import time
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema

from trailarrd.config.fields import Filled, Unsaid, checked, one_or_more, said
from trailarrd.domain.quiet import Window
from trailarrd.schedule import check_expression, zone_of

_CLOCK: Final = r"([01]?[0-9]|2[0-3]):([0-5][0-9])"
_WINDOW: Final = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}")
_WINDOW_SCHEMA: Final = {"type": "string", "pattern": rf"^\s*{_WINDOW.pattern}\s*$|\$\{{"}


def _known_zone(text: str) -> str:
    zone_of(text)
    return text


def _window(text: str) -> Window:
    match = _WINDOW.fullmatch(text)
    if not match:
        raise ValueError("is not a part of the day")
    begin, end = (time(int(match[hour]), int(match[minute])) for hour, minute in ((1, 2), (3, 4)))
    if begin == end:
        raise ValueError("has no length")
    return Window(begin, end)


_cron: Final = checked(
    check_expression, "write it like 15 */2 * * * (every second hour at 15 past) or @daily"
)
_zone: Final = checked(_known_zone, "write it like Europe/Berlin or UTC")

CronExpression = Annotated[Annotated[Filled, AfterValidator(_cron)] | Unsaid, BeforeValidator(said)]
Zone = Annotated[Annotated[Filled, AfterValidator(_zone)] | Unsaid, BeforeValidator(said)]
QuietWindows = Annotated[
    tuple[Annotated[Window, PlainValidator(checked(_window, "write it like 23:00-07:00"))], ...],
    BeforeValidator(one_or_more),
    WithJsonSchema({"anyOf": [_WINDOW_SCHEMA, {"type": "array", "items": _WINDOW_SCHEMA}]}),
]
