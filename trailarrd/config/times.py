"""What the text of a setting about times of the day means: schedules, time zones, quiet hours."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from trailarrd.config.fields import filled, text
from trailarrd.config.problem import FieldError
from trailarrd.config.wording import quote
from trailarrd.domain.quiet import Window
from trailarrd.schedule import check_expression, zone_of

_CLOCK: Final = r"([01]?[0-9]|2[0-3]):([0-5][0-9])"
_WINDOW: Final = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}")


def schedule(value: object) -> str:
    """A cron expression."""
    try:
        return check_expression(filled(value))
    except FieldError:
        raise
    except ValueError as error:
        raise FieldError(
            f"{quote(text(value))} {error}",
            hint="write it like 15 */2 * * * (every second hour at 15 past) or @daily",
        ) from None


def timezone(value: object) -> str:
    """A time zone by its name."""
    try:
        zone_of(filled(value))
    except FieldError:
        raise
    except ValueError as error:
        raise FieldError(f"{quote(text(value))} {error}", hint="write it like Europe/Berlin or UTC") from None
    return text(value)


def quiet_hours(value: object) -> tuple[Window, ...]:
    """A window of the day, or a list of them."""
    return tuple(_window(item) for item in (value if isinstance(value, list | tuple) else [value]))


def _window(value: object) -> Window:
    if isinstance(value, Window):
        return value
    match = _WINDOW.fullmatch(filled(value).strip())
    if not match:
        raise FieldError(f"{quote(text(value))} is not a part of the day", hint="write it like 23:00-07:00")
    begin, end = (time(int(match[hour]), int(match[minute])) for hour, minute in ((1, 2), (3, 4)))
    if begin == end:
        raise FieldError(f"{quote(text(value))} has no length", hint="write 00:00-23:59 for almost always")
    return Window(begin, end)


_TEXT: Final = {"type": "string", "minLength": 1}
_WINDOWS: Final = {"type": "string", "pattern": rf"^\s*{_WINDOW.pattern}\s*$|\$\{{"}

Cron = Annotated[str | None, PlainValidator(schedule), WithJsonSchema(_TEXT)]
Zone = Annotated[str | None, PlainValidator(timezone), WithJsonSchema(_TEXT)]
QuietWindows = Annotated[
    tuple[Window, ...],
    PlainValidator(quiet_hours),
    WithJsonSchema({"anyOf": [_WINDOWS, {"type": "array", "items": _WINDOWS}]}),
]
