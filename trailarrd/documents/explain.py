"""Why one item is in the state that it is in."""

from datetime import datetime

import msgspec

from trailarrd.documents import Document
from trailarrd.documents.history import Event
from trailarrd.documents.media import Item
from trailarrd.domain.monitoring import MonitorMode, TrailerState
from trailarrd.domain.trailers import Verdict


class File(Document, frozen=True, kw_only=True):
    """A file in the item's folder, and the naming rule that decided about it."""

    file: str
    rule: Verdict


class Mapping(Document, frozen=True, kw_only=True):
    """What the server calls `remote` is `local` here."""

    remote: str
    local: str


class Told(Document, frozen=True, kw_only=True):
    """All that is to be told of one item, with the fields of `trailarrd explain --json`."""

    item: Item
    last_told: datetime | None
    removed_at: datetime | None
    held_since: datetime | None
    mapping: Mapping | None
    local_path_now: str | None
    trailer_now: TrailerState | None
    counting: list[File]
    near: list[File]
    mode: MonitorMode | None
    row: int
    intent_at: datetime | None
    intent_by: str | None
    history: list[Event]
    would_change: list[str]

    def printed(self) -> object:
        told = msgspec.structs.asdict(self)
        return {**told, "item": self.item.printed(), "history": [one.printed() for one in self.history]}
