"""Another time and another luck, for whoever looks at them."""

import datetime as dt
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

_LATER: Final = dt.timedelta(days=403, hours=7, minutes=11)


class _AsReal(type):
    """What is real is an instance of what stands in for it."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__mro__[1])


class _LaterDatetime(dt.datetime, metaclass=_AsReal):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return dt.datetime.fromtimestamp(_later(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return dt.datetime.fromtimestamp(_later(), dt.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.now()


class _LaterDate(dt.date, metaclass=_AsReal):
    @classmethod
    def today(cls) -> Any:
        return dt.datetime.fromtimestamp(_later()).date()  # noqa: DTZ006  # as `today` does


_now = time.time


def _later() -> float:
    return _now() + _LATER.total_seconds()


def _shifted(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda seconds=None: real(_later() if seconds is None else seconds)


_FAKES: Final[dict[str, tuple[Any, Any]]] = {
    "datetime": (dt.datetime, _LaterDatetime),
    "date": (dt.date, _LaterDate),
    "time": (time.time, _later),
    "time_ns": (time.time_ns, lambda: int(_later() * 1e9)),
    "localtime": (time.localtime, _shifted(time.localtime)),
    "gmtime": (time.gmtime, _shifted(time.gmtime)),
    "ctime": (time.ctime, _shifted(time.ctime)),
}


@contextmanager
def another_time(module: str) -> Iterator[None]:
    """A year later and by other luck, as seen from `module` and all of its package."""
    package = module.partition(".")[0]
    with ExitStack() as stack:
        for place in (dt, time, *_modules_of(package)):
            for name, value in list(vars(place).items()):
                fake = next((fake for real, fake in _FAKES.values() if value is real), None)
                if fake is not None:
                    stack.enter_context(patch.object(place, name, fake))
        stack.callback(random.setstate, random.getstate())
        random.seed(_LATER.days)
        yield


def _modules_of(package: str) -> list[Any]:
    return [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] == package and name != __name__
    ]
