"""Logging: one line per event to stderr, for people or for machines, and never a secret."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections import deque
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TextIO

import structlog

from trailarrd.domain.text import escaped

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from types import TracebackType

    from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

    from trailarrd.domain.secret import Redactor

log = structlog.get_logger()

_LIBRARIES: Final = {
    "aiosqlite": logging.INFO,
    "alembic": logging.WARNING,
    "asyncio": logging.INFO,
    "tzlocal": logging.INFO,
    "urllib3": logging.CRITICAL,
}
"""From which severity on those are heard that say too much.

aiosqlite has two lines for every SQL statement. urllib3, by which notifications go out, writes paths,
and that of many a service has its token in it, which as a part of an address no redactor knows.
"""
_PRIORITY: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""syslog(3) levels, as journald reads them from the start of a line."""

_LONGEST: Final = 4000
"""Characters of a line that are remembered."""


class Line(NamedTuple):
    """One that was written."""

    at: datetime
    level: str
    event: str
    text: str


class LogMemory(logging.Handler):
    """The last lines of this process, for who asks the daemon; cleaned as those on stderr."""

    def __init__(self, most: int = 500) -> None:
        super().__init__()
        self.lines: deque[Line] = deque(maxlen=most)

    def emit(self, record: logging.LogRecord) -> None:
        at = datetime.fromtimestamp(record.created, UTC)
        event, _, text = self.format(record)[:_LONGEST].partition(" ")
        self.lines.append(Line(at, record.levelname.lower(), event, text))


def set_up(
    *,
    level: str,
    style: str,
    redactor: Redactor,
    zone: tzinfo | None = None,
    memory: LogMemory | None = None,
) -> None:
    """Send every log line of this process to stderr, in that style, and to `memory`.

    `style` is `console`, `json`, `journald`, or `auto`: journald when systemd reads stderr, else console.
    People read the time by the clock of `zone`, or the host's; machines in UTC.
    """
    style = _choose(style)
    shared = _shared(style, zone)
    handler = _Stderr()
    handler.setFormatter(_RedactingFormatter(redactor, shared, style))
    root = logging.getLogger()
    root.handlers[:] = [handler, memory] if memory else [handler]
    if memory:
        memory.setFormatter(_RedactingFormatter(redactor, shared, "memory"))
    root.setLevel(level.upper())
    for name, least in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(root.level, least))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    _take_over()


def _take_over() -> None:
    """Make log lines of what Python itself would write to stderr: it knows nothing of secrets."""
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_crash
    threading.excepthook = lambda crash: _log_crash(crash.exc_type, crash.exc_value, crash.exc_traceback)
    sys.unraisablehook = _log_unraisable


def _log_crash(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
) -> None:
    log.critical("program.crashed", exc_info=(kind, error, traceback))


def _log_unraisable(crash: sys.UnraisableHookArgs) -> None:
    """What went wrong where nobody could be told, as in the end of an object."""
    log.error("program.unraisable", exc_info=(crash.exc_type, crash.exc_value, crash.exc_traceback))


class _Stderr(logging.Handler):
    """To whatever stderr is now: a line that shows progress puts its own there, which keeps itself below."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001  # as every handler does it
            self.handleError(record)


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Cleans the finished line, so that tracebacks and libraries' own messages are covered too."""

    def __init__(self, redactor: Redactor, shared: list[Processor], style: str) -> None:
        super().__init__(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(style)],
        )
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.clean(super().format(record))


def _shared(style: str, zone: tzinfo | None) -> list[Processor]:
    stamper = structlog.processors.TimeStamper(fmt="iso", utc=True)
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _LocalTime(zone) if style == "console" else stamper,
    ]


class _LocalTime:
    """The time as the person at the terminal has it."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone

    def __call__(
        self, _logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        now = datetime.now(UTC).astimezone(self._zone)
        event["timestamp"] = f"{now:%Y-%m-%d %H:%M:%S}"
        return event


def _renderers(style: str) -> list[Processor]:
    # Tracebacks as text, in each style: the structured kind shows local variables, and so keys.
    if style == "console":
        colors = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        return [
            _escape_values,
            structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=_plain_traceback),
        ]
    last = {"json": structlog.processors.JSONRenderer, "memory": _MemoryLines}.get(style, _JournalLines)
    return [structlog.processors.format_exc_info, last()]


def _escape_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Words of strangers, such as a server's, must not steer the terminal."""
    return {name: escaped(value) if isinstance(value, str) else value for name, value in event.items()}


def _plain_traceback(stream: TextIO, crash: ExcInfo) -> None:
    text = io.StringIO()
    structlog.dev.plain_traceback(text, crash)
    stream.write(escaped(text.getvalue()))


class _JournalLines:
    """One line per event, and one per line of its traceback, each with its priority.

    Only the traceback is broken into lines: what a server said must not begin a line of its own.
    """

    def __init__(self) -> None:
        self._render = structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True)

    def __call__(self, logger: WrappedLogger, method: str, event: MutableMapping[str, Any]) -> str:
        event.pop("timestamp", None)  # the journal has its own
        traceback = escaped(str(event.pop("exception", "")))
        lines = [self._render(logger, method, event), *traceback.splitlines()]
        return "\n".join(f"<{_PRIORITY.get(method, 6)}>{line}" for line in lines)


class _MemoryLines:
    """The event, then all else, then the lines of a traceback."""

    def __init__(self) -> None:
        self._render = structlog.processors.KeyValueRenderer()

    def __call__(self, logger: WrappedLogger, method: str, event: MutableMapping[str, Any]) -> str:
        known = {"timestamp", "level"}
        traceback, what = event.pop("exception", ""), str(event.pop("event", ""))
        facts = self._render(logger, method, {name: event[name] for name in event if name not in known})
        name, _, words = what.partition(" ")
        return "\n".join(filter(None, (" ".join(filter(None, (name, words, str(facts)))), str(traceback))))


def _choose(style: str) -> str:
    if style != "auto":
        return style
    return "journald" if _is_journal(sys.stderr) else "console"


def _is_journal(stream: TextIO) -> bool:
    """Whether systemd reads this stream: children inherit the variable, but not always the stream."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # no real file behind it
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
