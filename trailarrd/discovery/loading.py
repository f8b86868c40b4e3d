"""Loads one plugin in a thread of its own: whatever a stranger's module does, it is told and over in time."""

import importlib
import inspect
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final

import pluggy

import trailarrd
from trailarrd.discovery.record import Offer, PluginStatus
from trailarrd.errors import summary
from trailarrd.plugin import spec

_NOT_ITS_OWN: Final = (
    "<",
    *(f"{Path(str(module.__file__)).parent}{os.sep}" for module in (trailarrd, pluggy, importlib)),
)
"""What stands between us and its code in a traceback."""
_MOST_OFFERS: Final = 100
"""Of one kind."""
_ALIKE: Final = 0.75
"""From which likeness on an unknown hook is one of ours, misspelt."""


@dataclass
class Loading:
    """How loading one plugin went, or how far it got."""

    offers: tuple[Offer, ...] = ()
    error: str | None = None
    """What went wrong, for the user."""
    status: PluginStatus = PluginStatus.FAILED
    """If something did."""
    seconds: float = field(default=0.0, compare=False)


def load(point: EntryPoint, within: float) -> Loading:
    """Import a plugin and ask its hook, but for no longer than `within` seconds.

    A thread cannot be ended from outside: one that is still busy then is left to itself, and dies with
    the program. What a plugin prints goes to stderr, since stdout may be JSON that a script reads.
    """
    loading = Loading()
    thread = threading.Thread(target=_run, args=(point, loading), name=f"plugin {point.name}", daemon=True)
    began = time.monotonic()
    with redirect_stdout(sys.stderr):
        thread.start()
        thread.join(within)
    seconds = time.monotonic() - began
    if thread.is_alive():
        late = f"is not loaded after {within:g} s: at import and in its hook a plugin does no I/O"
        return Loading(error=late, seconds=seconds)
    loading.seconds = seconds
    return loading


def _run(point: EntryPoint, loading: Loading) -> None:
    try:
        loading.offers = tuple(_offers(point))
    except _NotAPluginError as error:
        loading.error, loading.status = str(error), error.status
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

    status: ClassVar = PluginStatus.FAILED


class _NewerPluginError(_NotAPluginError):
    """Nothing is wrong with it but that this version does not know what it offers."""

    status: ClassVar = PluginStatus.INCOMPATIBLE


def _offers(point: EntryPoint) -> Iterator[Offer]:
    """What the plugin's hooks yield, from a plugin manager of its own.

    One manager for all would keep a half-registered plugin and lose the others' results when one raises.
    """
    manager = pluggy.PluginManager(spec.GROUP)
    manager.add_hookspecs(spec)
    plugin = point.load()
    manager.register(plugin, name=point.name)
    callers = {hook: getattr(manager.hook, hook.name) for hook in spec.HOOKS}
    implemented = {hook: caller for hook, caller in callers.items() if caller.get_hookimpls()}
    if not implemented:
        raise _why_no_hook(plugin, manager)
    for hook, caller in implemented.items():
        _refuse_async(hook, caller.get_hookimpls()[0].function)
    for unknown in _unknown_hooks(manager):
        if alike := _meant(unknown):
            raise _NotAPluginError(f"unknown hook {unknown!r}: the hook is called {alike}")
    for hook, caller in implemented.items():
        yield from _checked(hook, caller())


def _why_no_hook(plugin: object, manager: pluggy.PluginManager) -> _NotAPluginError:
    """Misspelt, not marked, or of a later version: pluggy takes each for a plugin that wants nothing."""
    for unknown in _unknown_hooks(manager):
        if alike := _meant(unknown):
            return _NotAPluginError(f"unknown hook {unknown!r}: the hook is called {alike}")
        return _NewerPluginError(
            f"made for a newer trailarrd: {trailarrd.__version__} does not know its hook {unknown!r};"
            " upgrade trailarrd"
        )
    known = [hook.name for hook in spec.HOOKS]
    for name in known:
        if callable(getattr(plugin, name, None)):
            return _NotAPluginError(f"{name} is not marked with @hookimpl of trailarrd.plugin")
    return _NotAPluginError(f"implements no hook: write {' or '.join(known)} and mark it with @hookimpl")


def _unknown_hooks(manager: pluggy.PluginManager) -> list[str]:
    """What a plugin implements beyond this version's hooks: a later one's, or a slip of the pen."""
    known = {hook.name for hook in spec.HOOKS}
    return [name for name in vars(manager.hook) if not name.startswith("_") and name not in known]


def _meant(unknown: str) -> str | None:
    """The hook that is likely to be meant."""
    alike = max((hook.name for hook in spec.HOOKS), key=partial(_likeness, unknown))
    return alike if _likeness(unknown, alike) >= _ALIKE else None


def _likeness(one: str, other: str) -> float:
    """Of two names without what all hooks begin with, from 0 to 1."""
    from difflib import SequenceMatcher  # noqa: PLC0415  # only for a plugin that is wrong

    prefix = f"{spec.GROUP}_"
    return SequenceMatcher(None, one.removeprefix(prefix), other.removeprefix(prefix)).ratio()


def _refuse_async(hook: spec.Hook, function: Callable[..., object]) -> None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise _NotAPluginError(
            f"{hook.name} is async: a hook is a plain function, write def instead of async def"
        )


def _checked(hook: spec.Hook, answers: list[Any]) -> Iterator[Offer]:
    wanted = hook.yields.__name__
    if not answers:  # pluggy leaves out a None
        raise _NotAPluginError(f"{hook.name} returns nothing: let it yield a {wanted}")
    if not isinstance(answers[0], Iterable):
        given = type(answers[0]).__name__
        raise _NotAPluginError(f"{hook.name} returns a {given}: write yield instead of return")
    names: set[str] = set()
    for value in islice(answers[0], _MOST_OFFERS + 1):
        if not isinstance(value, hook.yields):
            raise _NotAPluginError(f"yields a {type(value).__name__} instead of a {wanted}")
        offer = Offer(hook.kind, value)
        if offer.name in names:
            raise _NotAPluginError(f"yields two {hook.kind}s that are called {offer.name!r}")
        names.add(offer.name)
        yield offer
    if not names:
        raise _NotAPluginError(f"offers no {hook.kind}: its hook yields nothing")
    if len(names) > _MOST_OFFERS:
        raise _NotAPluginError(f"yields more than {_MOST_OFFERS} {hook.kind}s")
