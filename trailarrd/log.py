"""Logging: one line per event to stderr, for people or for machines, and never a secret."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from typing import Any

    from structlog.typing import Processor

    from trailarrd.domain.secret import Redactor

_PRIORITY: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""syslog(3) levels, as journald reads them from the start of a line."""


def set_up(*, level: str, style: str, redactor: Redactor) -> None:
    """Send every log line of this process to stderr, in that style.

    `style` is `console`, `json`, `journald`, or `auto`: journald when systemd reads stderr, console on a
    terminal, otherwise JSON.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter(redactor, _choose(style)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Cleans the finished line, so that tracebacks and libraries' own messages are covered too."""

    def __init__(self, redactor: Redactor, style: str) -> None:
        super().__init__(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_RENDERERS[style]()],
        )
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.clean(super().format(record))


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _console() -> list[Processor]:
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


def _json() -> list[Processor]:
    """Tracebacks as text: the structured kind shows local variables, and so keys."""
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _journald() -> list[Processor]:
    return [
        structlog.processors.format_exc_info,
        _without_timestamp,
        structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True),
        _with_priority,
    ]


def _without_timestamp(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    event.pop("timestamp", None)
    return event


def _with_priority(_logger: object, method: str, line: Any) -> str:
    prefix = f"<{_PRIORITY.get(method, 6)}>"
    return "\n".join(prefix + part for part in str(line).replace("\\n", "\n").splitlines())


def _choose(style: str) -> str:
    if style != "auto":
        return style
    if os.environ.get("JOURNAL_STREAM"):
        return "journald"
    return "console" if sys.stderr.isatty() else "json"


_RENDERERS: Final[dict[str, Callable[[], list[Processor]]]] = {
    "console": _console,
    "json": _json,
    "journald": _journald,
}
