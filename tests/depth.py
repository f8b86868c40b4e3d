"""How far tests go: a little way in every run, as far as they can in `./dev deep`."""

from typing import Any, Final
from zlib import crc32

import pytest
from hypothesis import settings

IS_DEEP: Final = settings().max_examples > 1000


def in_turn(**either: Any) -> list[Any]:
    """Parameters of which each test takes one in every run, and the others in `./dev deep`."""
    return [
        pytest.param(value, id=name, marks=pytest.mark.in_turn(number, len(either)))
        for number, (name, value) in enumerate(either.items())
    ]


def is_its_turn(item: pytest.Item) -> bool:
    """Whether the test has the parameter that its name chose for it; without such ones it has."""
    marker = item.get_closest_marker("in_turn")
    if marker is None:
        return True
    number, count = marker.args
    return bool(crc32(item.nodeid.partition("[")[0].encode()) % count == number)
