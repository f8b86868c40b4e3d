"""Beside what asyncio has: threads that nobody has to wait for, and work that no cancelling tears apart."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


def in_thread(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Run `work` in a thread of its own at once; await the result, or its exception.

    The thread is a daemon and no executor knows it, because an executor's threads are joined when
    the interpreter ends: one hung network mount would block shutdown for ever. Cancelling the
    future leaves the thread to itself; what it still returns or raises is dropped.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # all of it belongs to whoever awaits
            _hand_over(loop, partial(_fail, future, error))
        else:
            _hand_over(loop, partial(_succeed, future, result))

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def within(seconds: float, work: Callable[[], T], name: str) -> T:
    """What `work` returns or raises, for who has no event loop; `TimeoutError` if that takes longer.

    Its thread is as that of `in_thread`, and is left to itself then.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001  # all of it belongs to whoever waits
            outcome.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return outcome.result(seconds)


def _hand_over(loop: asyncio.AbstractEventLoop, settle: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        # The loop is closed: we woke up after everybody had gone home.
        return


def _succeed(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: BaseException) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):  # which a future refuses, and its awaiter would hang
        wrapped = RuntimeError("the work raised StopIteration")
        wrapped.__cause__ = error
        error = wrapped
    future.set_exception(error)


async def to_completion(work: Coroutine[Any, Any, T], give_up: Callable[[], None] | None = None) -> T:
    """Await `work` to its very end; a cancellation meanwhile is told to `give_up` and raised only then.

    A transaction cancelled half-way leaves its connection with an open cursor, and that one keeps
    SQLite's write lock: the next writer finds the database locked.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
            if give_up:
                give_up()
    if cancelled is not None:
        raise cancelled from (None if task.cancelled() else task.exception())
    return task.result()
