"""`/media/{media_id}/explain`: why one item is in the state that it is in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from trailarrd.doctor import Explainer
from trailarrd.domain.monitoring import MonitorMode, TrailerState
from trailarrd.domain.trailers import TrailerRules, Verdict
from trailarrd.web.api.connections import find as find_connection
from trailarrd.web.api.history import Event, event_of
from trailarrd.web.api.media import Item, find, item_of
from trailarrd.web.api.moments import to_second
from trailarrd.web.api.page import Id
from trailarrd.web.route import get
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from trailarrd.doctor import Explanation
    from trailarrd.store import MediaRow


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the item's folder, and the naming rule that decided about it."""

    file: str
    rule: Verdict


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """What the server calls `remote` is `local` here."""

    remote: str
    local: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
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


@get("/media/{media_id}/explain")
async def explain(services: Services, *, media_id: Id) -> Told:
    """Why it is in the state that it is in: what is stored, what the disk shows now, what would change it."""
    return _shown(await explanation_of(services, media_id), services.clock())


async def explanation_of(services: Services, media_id: int) -> Explanation:
    """All that is to be told of one item; a problem if there is none."""
    item = await find(services, media_id)
    explainer = _explainer(services, item)
    return await explainer.explain(item, await find_connection(services, item.connection))


def _explainer(services: Services, item: MediaRow) -> Explainer:
    settings = services.settings()
    mappings = [one.connection().path_mappings for one in settings.connections if one.name == item.connection]
    providers = {one.name: one for plugin in services.plugins for one in plugin.providers}
    rules = providers[item.provider].trailers if item.provider in providers else TrailerRules()
    deadline = settings.disk.timeout.total_seconds()
    return Explainer(
        store=services.store, mappings=mappings[0] if mappings else (), rules=rules, deadline=deadline
    )


def _shown(told: Explanation, now: datetime) -> Told:
    item, mapping = told.item, told.mapping
    return Told(
        item=item_of(item, now),
        last_told=to_second(told.connection.last_success),
        removed_at=to_second(item.removed_at),
        held_since=to_second(item.held_at),
        mapping=Mapping(remote=mapping.remote, local=mapping.local) if mapping else None,
        local_path_now=told.local_path,
        trailer_now=told.observation.trailer if told.observation else None,
        counting=[File(file=one.path, rule=one.verdict) for one in told.survey.counting],
        near=[File(file=one.path, rule=one.verdict) for one in told.survey.near],
        mode=told.connection.mode,
        row=told.row,
        intent_at=to_second(item.intent_at),
        intent_by=item.intent_by,
        history=[event_of(event) for event in told.history],
        would_change=list(told.changes),
    )


ROUTES = (explain,)
