"""Where a server's events arrive: read by its provider into hints, and never a reason to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from trailarrd.errors import summary
from trailarrd.plugin.provider import WebhookHint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trailarrd.daemon.hints import Hints
    from trailarrd.domain.secret import Redactor

log = structlog.get_logger()


class Inbox:
    """One connection's."""

    def __init__(
        self,
        name: str,
        read: Callable[[Mapping[str, object]], WebhookHint] | None,
        hints: Hints,
        redactor: Redactor,
    ) -> None:
        self._name = name
        self._read = read
        self._hints = hints
        self._redactor = redactor

    def post(self, event: Mapping[str, object]) -> str | None:
        """Take an event; what it is called, None if that cannot be read: it means the whole library then."""
        hint = self._hint(event)
        self._hints.take(hint or WebhookHint(event="not understood", whole=True))
        if hint is None:
            return None
        log.debug("webhook.received", connection=self._name, type=hint.event, items=len(hint.arr_ids))
        return hint.event

    def _hint(self, event: Mapping[str, object]) -> WebhookHint | None:
        try:
            if self._read is not None:
                hint = self._read(event)
                if isinstance(hint, WebhookHint):
                    return hint
            reason = "its provider reads no events"
        except Exception as error:  # noqa: BLE001  # a stranger's code, on what a stranger posted
            reason = self._redactor.clean(summary(error))
        log.warning("webhook.not_understood", connection=self._name, reason=reason)
        return None
