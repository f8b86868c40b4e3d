"""`/media/{media_id}/explain`: why one item is in the state that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.doctor import Explainer
from trailarrd.documents.explain import Told
from trailarrd.domain.trailers import TrailerRules
from trailarrd.web.api.connections import find as find_connection
from trailarrd.web.api.media import find
from trailarrd.web.api.page import Id
from trailarrd.web.route import get
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from trailarrd.store.listing import MediaRow


@get("/media/{media_id}/explain")
async def explain(services: Services, *, media_id: Id) -> Told:
    """Why it is in the state that it is in: what is stored, what the disk shows now, what would change it."""
    return await told_of(services, await find(services, media_id))


async def told_of(services: Services, item: MediaRow) -> Told:
    """All that is to be told of an item."""
    connection = await find_connection(services, item.connection)
    return await _explainer(services, item).explain(item, connection, services.clock())


def _explainer(services: Services, item: MediaRow) -> Explainer:
    settings = services.settings()
    mappings = [one.connection().path_mappings for one in settings.connections if one.name == item.connection]
    providers = {one.name: one for plugin in services.plugins for one in plugin.providers}
    rules = providers[item.provider].trailers if item.provider in providers else TrailerRules()
    deadline = settings.disk.timeout.total_seconds()
    return Explainer(
        store=services.store, mappings=mappings[0] if mappings else (), rules=rules, deadline=deadline
    )


ROUTES = (explain,)
