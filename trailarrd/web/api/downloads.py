"""`/downloads`: what is downloaded, what waits and why, and what the user says of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

import msgspec

from trailarrd.documents.downloads import DownloadItem, DownloadList, DownloadResult
from trailarrd.domain.download import AddressError
from trailarrd.domain.waiting import Why
from trailarrd.web.authentication import LOCAL, Caller
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import Id, change, get
from trailarrd.web.services import Desk, Services

Ids = Annotated[list[Id], msgspec.Meta(min_length=1, max_length=500)]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class DownloadsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of the list; with `why` only what waits for that."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    skip: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] = 0
    why: Why | None = None


class DownloadQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From where it would be."""

    url: Url | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Download an item's trailer, from `url` if that is given."""

    url: Url | None = None
    now: bool = False


class Wishes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Download the trailers of these items."""

    ids: Ids
    now: bool = False


class Which(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items by their ids."""

    ids: Ids


class WhichIfAny(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items by their ids; none: whatever is in the way of many at once."""

    ids: Annotated[list[Id], msgspec.Meta(max_length=500)] = []


@get("/downloads", errors={409})
async def downloads(services: Services, *, query: DownloadsQuery) -> DownloadList:
    """What is wanted or was asked for, in the order of its turn; nobody is asked for it."""
    return await desk_of(services).listing(limit=query.limit, skip=query.skip, why=query.why)


@get("/media/{media_id}/download", errors={404, 409}, tag="downloads")
async def item_download(services: Services, *, media_id: Id) -> DownloadItem:
    """What becomes of one item's download."""
    for item in await desk_of(services).some([media_id]):
        return item
    raise ProblemError(HTTPStatus.NOT_FOUND, f"no item has the id {media_id}")


@get("/media/{media_id}/download/preview", errors={404, 409, 422}, tag="downloads")
async def preview_download(services: Services, *, media_id: Id, query: DownloadQuery) -> DownloadItem:
    """What would become of an item if you asked for it now; its folder is looked at, no site is asked."""
    desk = desk_of(services)
    with _told():
        item = await desk.would(media_id, query.url)
    if item is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no item has the id {media_id}")
    return item


@change("POST", "/media/{media_id}/download/inquiry", errors={404, 409, 422}, tag="downloads")
async def inquire_download(
    services: Services, *, media_id: Id, body: DownloadQuery, caller: Caller
) -> DownloadItem:
    """The same, and its site is asked whether it has the video; nothing is kept of what comes."""
    desk = desk_of(services)
    with _told():
        item = await desk.would(media_id, body.url, asks=True, afar=caller.name != LOCAL)
    if item is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no item has the id {media_id}")
    return item


@change("POST", "/media/{media_id}/download", errors={404, 409, 422}, tag="downloads")
async def request_download(services: Services, *, media_id: Id, body: Wish, caller: Caller) -> DownloadResult:
    """Have its trailer downloaded, in a preview too; it is queued, and done when its turn has come."""
    desk, afar = desk_of(services), caller.name != LOCAL
    with _told():
        result = await desk.ask([media_id], body.url, now=body.now, by=caller.told, afar=afar)
    if result.unknown:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no item has the id {media_id}")
    return result


@change("POST", "/downloads", errors={409})
async def request_downloads(services: Services, *, body: Wishes, caller: Caller) -> DownloadResult:
    """The same for many items, from where their servers or users say."""
    afar = caller.name != LOCAL
    return await desk_of(services).ask(body.ids, None, now=body.now, by=caller.told, afar=afar)


@change("POST", "/downloads/stop", errors={409})
async def stop_downloads(services: Services, *, body: Which) -> DownloadResult:
    """Stop what runs for these items; nothing begins for them before somebody asks again."""
    return await desk_of(services).stop(body.ids)


@change("POST", "/downloads/retry", errors={409})
async def retry_downloads(services: Services, *, body: WhichIfAny, caller: Caller) -> DownloadResult:
    """Try these items again; without any, whatever was in the way of many at once."""
    return await desk_of(services).retry(body.ids, by=caller.told)


@change("POST", "/downloads/forget-url", errors={409})
async def forget_urls(services: Services, *, body: Which) -> DownloadResult:
    """Drop the addresses that were given for these items: the server's count again."""
    return await desk_of(services).forget_url(body.ids)


@change("POST", "/downloads/delete", errors={409})
async def delete_trailers(services: Services, *, body: Which) -> DownloadResult:
    """Delete the trailers of these items that trailarrd placed, and only while they still are those."""
    return await desk_of(services).delete(body.ids)


def desk_of(services: Services) -> Desk:
    """Raises `ProblemError` where downloads are off."""
    desk = services.desk()
    if desk is None:
        raise ProblemError(
            HTTPStatus.CONFLICT, "downloads are off: there is no 'download:' in trailarrd.yaml"
        )
    return desk


@contextmanager
def _told() -> Iterator[None]:
    """An address that is none is the caller's mistake."""
    try:
        yield
    except AddressError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
