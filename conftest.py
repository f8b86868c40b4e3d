"""What every test of this repository shares: how far `./dev deep` goes, and aioresponses made to fit.

aioresponses 0.7.9 does not know aiohttp 3.14's `ClientResponse`: delete that part when a release does.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import aioresponses.core
import pytest
from aiohttp.client_proto import ResponseHandler
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache
from structlog.dev import ConsoleRenderer, plain_traceback

from tests.postgres import engine_name, postgres

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

__all__ = ["engine_name", "postgres"]  # here alone: each place that names a fixture would have one of its own

# How long an example takes says more of the machine than of what is tried.
settings.register_profile("default", max_examples=40, deadline=None)
settings.register_profile(
    "deep",
    max_examples=3000,
    stateful_step_count=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# `--hypothesis-profile` comes too late for a folder's own conftest that stands on the command line.
settings.load_profile(os.environ.get("DEPTH", "default"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Five for two cores: many tests wait for processes, servers or time-outs; `logical` is for others."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1 if config.option.numprocesses == "logical" else 2 * cores + (cores + 1) // 2


def pytest_itemcollected(item: pytest.Item) -> None:
    """Who chooses tests by `-m deep` gets those, too, whose turn it otherwise is not."""
    from tests.depth import is_its_turn  # noqa: PLC0415  # how deep it goes nobody has said before

    if not is_its_turn(item):
        item.add_marker("deep")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of parameters that take turns each test has one. What a browser looks at stands together.

    So one process tests all that, and one browser starts.
    """
    from tests.depth import IS_DEEP, is_its_turn  # noqa: PLC0415  # likewise

    if not IS_DEEP:
        config.hook.pytest_deselected(items=[one for one in items if not is_its_turn(one)])
        items[:] = filter(is_its_turn, items)
    items.sort(key=lambda item: "browser" not in getattr(item, "fixturenames", ()))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: no garbage collection need go through them again."""
    gc.freeze()


def share_compiled_statements() -> None:
    """By all engines of this process: to compile them anew is a tenth of the time of a test with a database.

    An engine keeps them by its dialect, an object of its own, but made in the same way for each.
    """
    cache: LRUCache[Any, Any] = LRUCache(2000)
    Engine._compiled_cache = property(lambda _: cache, lambda _, __: None)  # type: ignore[assignment]  # noqa: SLF001
    dialects: tuple[Any, ...] = (SQLiteDialect_aiosqlite, PGDialect_asyncpg)
    for dialect in dialects:
        dialect.__eq__ = lambda one, other: type(one) is type(other)
        dialect.__hash__ = lambda one: hash(type(one))


share_compiled_statements()
# What tests log is looked at when one has failed: it need not be beautiful, which takes rich 0.3 s.
ConsoleRenderer.get_active().exception_formatter = plain_traceback


class MockedResponse(aiohttp.ClientResponse):
    """A response that nobody wrote a request for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **options)


def endless_reader(loop: AbstractEventLoop | None = None) -> aiohttp.StreamReader:
    """A body that never asks its sender to pause: there is none, and a large body would fail."""
    current = loop or asyncio.get_running_loop()
    return aiohttp.StreamReader(ResponseHandler(loop=current), limit=2**40, loop=current)


if "stream_writer" in inspect.signature(aiohttp.ClientResponse.__init__).parameters:
    aioresponses.core.ClientResponse = MockedResponse  # type: ignore[attr-defined]
    aioresponses.core.stream_reader_factory = endless_reader  # type: ignore[attr-defined]
