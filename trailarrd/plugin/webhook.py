"""What an event of any *arr is about: the optional reader that makes a provider's webhook one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trailarrd.domain.media import is_arr_id
from trailarrd.plugin.provider import WebhookHint

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHANGE_NOTHING: Final = frozenset(
    {"Test", "Grab", "Health", "HealthRestored", "ApplicationUpdate", "ManualInteractionRequired"}
)
"""Events that leave every item as it was; those of a Test and a Grab show one all the same."""

_SHOWN: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrWebhook:
    """Reads the events of a server of the *arr family; a provider says where they name the item::

        Provider(..., webhook=ArrWebhook(item="movie"))

    Every event that shows an item is taken as news of it, also one that a later version of the server
    will bring: only asking again tells what became of it.
    """

    item: str
    """The field with the item that an event is about: `movie`, `series`, `artist`."""
    change_nothing: frozenset[str] = frozenset()
    """Events after which nobody has to be asked anything, beside those that all *arr have."""

    def __call__(self, event: Mapping[str, object]) -> WebhookHint:
        """What one event is about.

        Raises:
            ValueError: it has no name, or names no item although it must.
        """
        name = event.get("eventType")
        if not isinstance(name, str) or not name:
            raise ValueError("the event has no eventType")
        if name in _CHANGE_NOTHING or name in self.change_nothing:
            return WebhookHint(event=name)
        return WebhookHint(event=name, arr_ids=frozenset({self._arr_id(name, event.get(self.item))}))

    def _arr_id(self, name: str, item: object) -> int:
        arr_id = item.get("id") if isinstance(item, dict) else None
        if not is_arr_id(arr_id):
            raise ValueError(f"the event {name[:_SHOWN]!r} names no {self.item}")
        return arr_id
