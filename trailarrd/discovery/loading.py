"""Loads one plugin in a thread of its own: whatever a stranger's module does, it is told and over in time."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pluggy

import trailarrd
from trailarrd.errors import summary
from trailarrd.plugin import spec
from trailarrd.plugin.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.metadata import EntryPoint

HOOK: Final = spec.trailarrd_providers.__name__
_NOT_ITS_OWN: Final = (
    "<",
    *(f"{Path(str(module.__file__)).parent}{os.sep}" for module in (trailarrd, pluggy, importlib)),
)
"""What stands between us and its code in a traceback."""
_MOST_PROVIDERS: Final = 100


@dataclass
class Loading:
    """How loading one plugin went, or how far it got."""

    providers: tuple[Provider[Any], ...] = ()
    error: str | None = None
    """What went wrong, for the user."""
    seconds: float = field(default=0.0, compare=False)


def load(point: EntryPoint, patience: float) -> Loading:
    """Import a plugin and ask its hook, but for no longer than `patience` seconds.

    A thread cannot be ended from outside: one that is still busy then is left to itself, and dies with
    the program. What a plugin prints goes to stderr, since stdout may be JSON that a script reads.
    """
    loading = Loading()
    thread = threading.Thread(target=_run, args=(point, loading), name=f"plugin {point.name}", daemon=True)
    began = time.monotonic()
    with redirect_stdout(sys.stderr):
        thread.start()
        thread.join(patience)
    seconds = time.monotonic() - began
    if thread.is_alive():
        late = f"is not loaded after {patience:g} s: at import and in its hook a plugin does no I/O"
        return Loading(error=late, seconds=seconds)
    loading.seconds = seconds
    return loading


def _run(point: EntryPoint, loading: Loading) -> None:
    try:
        loading.providers = tuple(_providers(point))
    except _NotAPluginError as error:
        loading.error = str(error)
    except BaseException as error:  # noqa: BLE001  # SystemExit, too, is this plugin's trouble alone
        loading.error = summary(error) + _place(error)


def _place(error: BaseException) -> str:
    """The last line of the plugin's own that led there, for its author; nothing if it never had its turn."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_NOT_ITS_OWN)]
    if not own:
        return ""
    file = Path(own[-1].filename)
    name = f"{file.parent.name}/{file.name}" if file.name == "__init__.py" else file.name
    return f" ({name}, line {own[-1].lineno})"


class _NotAPluginError(Exception):
    """What a plugin's author got wrong, in words for him."""


def _providers(point: EntryPoint) -> Iterator[Provider[Any]]:
    """What the plugin's hook yields, from a plugin manager of its own.

    One manager for all would keep a half-registered plugin and lose the others' results when one raises.
    """
    manager = pluggy.PluginManager(spec.GROUP)
    manager.add_hookspecs(spec)
    plugin = point.load()
    manager.register(plugin, name=point.name)
    hooks = [each.function for each in manager.hook.trailarrd_providers.get_hookimpls()]
    if not hooks:
        raise _NotAPluginError(_why_no_hook(plugin, manager))
    _refuse_async(hooks[0])
    manager.check_pending()
    yield from _checked(manager.hook.trailarrd_providers())


def _why_no_hook(plugin: object, manager: pluggy.PluginManager) -> str:
    """It may be misspelt, or not marked; pluggy would take both for a plugin that wants nothing."""
    unknown = [hook for hook in vars(manager.hook) if not hook.startswith("_") and hook != HOOK]
    if unknown:
        return f"unknown hook {unknown[0]!r}: the hook is called {HOOK}"
    if callable(getattr(plugin, HOOK, None)):
        return f"{HOOK} is not marked with @hookimpl of trailarrd.plugin"
    return f"implements no hook: write {HOOK} and mark it with @hookimpl"


def _refuse_async(hook: Callable[..., object]) -> None:
    if inspect.iscoroutinefunction(hook) or inspect.isasyncgenfunction(hook):
        raise _NotAPluginError(f"{HOOK} is async: a hook is a plain function, write def instead of async def")


def _checked(answers: list[Any]) -> Iterator[Provider[Any]]:
    if not answers:  # pluggy leaves out a None
        raise _NotAPluginError(f"{HOOK} returns nothing: let it yield a Provider")
    if not isinstance(answers[0], Iterable):
        given = type(answers[0]).__name__
        raise _NotAPluginError(f"{HOOK} returns a {given}: write yield instead of return")
    names: set[str] = set()
    for provider in islice(answers[0], _MOST_PROVIDERS + 1):
        if not isinstance(provider, Provider):
            raise _NotAPluginError(f"yields a {type(provider).__name__} instead of a Provider")
        if provider.name in names:
            raise _NotAPluginError(f"yields two providers that are called {provider.name!r}")
        names.add(provider.name)
        yield provider
    if not names:
        raise _NotAPluginError("offers no provider: its hook yields nothing")
    if len(names) > _MOST_PROVIDERS:
        raise _NotAPluginError(f"yields more than {_MOST_PROVIDERS} providers")
