"""Times of the day by a cron expression in a time zone, also when its clocks are changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_FIELDS: Final = 5
_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "@hourly": "0 * * * *",
        "@daily": "0 0 * * *",
        "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *",
    }
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression of five fields, and the zone whose clock it means.

    As in Debian's cron: where the clock is set forward, a time that does not exist is met right after the
    gap; where it is set back, a time that comes twice is met once. With `*` or `*/N` as minute or hour
    what counts is how the clock stands, so an hour that comes twice counts twice.
    """

    expression: str
    zone: tzinfo

    def after(self, moment: datetime) -> datetime:
        """The first time after that moment, in UTC."""
        times = CronSim(_spelled_out(self.expression), moment.astimezone(self.zone))
        # In an hour that comes twice cronsim may name the first one though it is over.
        return next(time for time in (one.astimezone(UTC) for one in times) if time > moment)


def check_expression(text: str) -> str:
    """The expression, tidied; raises `ValueError` saying what is wrong with it."""
    expression = " ".join(text.split())
    fields = _spelled_out(expression).split()
    if len(fields) != _FIELDS:
        raise ValueError("is not minute, hour, day of month, month and day of week")
    try:
        next(CronSim(" ".join(fields), datetime(2024, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        raise ValueError(f"has a {str(error).lower()}") from None
    except StopIteration:
        raise ValueError("never comes") from None
    return expression


def zone_of(name: str | None) -> tzinfo:
    """The time zone of that name, or this host's; raises `ValueError` for one that is not known."""
    if name is None:
        from tzlocal import get_localzone  # noqa: PLC0415  # asks the system, so not at import

        return get_localzone()
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError("is no time zone") from None


def _spelled_out(expression: str) -> str:
    return _NAMES.get(expression.lower(), expression)
