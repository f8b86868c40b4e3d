"""What an item shows besides words: its poster, and its trailer to be watched."""

import asyncio
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar

from aiohttp import web

from trailarrd.concurrency import in_thread
from trailarrd.disk.playback import OpenTrailer
from trailarrd.domain.paths import LocalPath, is_below, path_on_this_host
from trailarrd.domain.roots import RootState
from trailarrd.domain.trailers import TrailerRules
from trailarrd.store.listing import MediaRow
from trailarrd.web.api.media import find
from trailarrd.web.authentication import CALLER, Access
from trailarrd.web.pages import texts
from trailarrd.web.pages.site import item_id
from trailarrd.web.problem import ProblemError
from trailarrd.web.services import SERVICES, Services

T = TypeVar("T")

_DAY: Final = 24 * 3600
_NOTHING: Final = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 3"/>'
"""In place of a poster that is not to be had: the page shows what lies beneath it."""
_KINDS: Final = {
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "ogv": "video/ogg",
}
_PIECE: Final = 2**18
_DEADLINE: Final = 10.0
"""Seconds that a disk may take for one piece."""


async def poster(request: web.Request) -> web.Response:
    """As the item's server has it, asked with its key, which never comes here."""
    _must_read(request)
    services: Services = request.app[SERVICES]
    row = await find(services, item_id(request))
    picture = await _picture(services, row)
    headers = {"Cache-Control": f"private, max-age={_DAY if picture else 300}"}
    kind = _kind_of(picture) if picture else "image/svg+xml"
    return web.Response(body=picture or _NOTHING, content_type=kind, headers=headers)


async def _picture(services: Services, row: MediaRow) -> bytes | None:
    if not services.settings().web.posters:
        return None
    of = f"{row.connection} {row.arr_id} {sorted(row.external_ids.items())}"
    return await services.posters.get(of, partial(_ask, services, row))


async def _ask(services: Services, row: MediaRow) -> bytes | None:
    poller = services.pollers().get(row.connection)
    if poller is None:
        return None
    async with poller.refresher() as refresher:
        ask = getattr(refresher.api, "poster", None)
        return await ask(row.arr_id) if ask else None


def _kind_of(picture: bytes) -> str:
    if picture.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if picture.startswith(b"RIFF") else "image/jpeg"


async def watch(request: web.Request) -> web.StreamResponse:
    """The trailer's bytes, or a part of them, for a browser that plays it."""
    _must_read(request)
    services: Services = request.app[SERVICES]
    row = await find(services, item_id(request))
    file, root = playable(services, row), await _root_of(services, row)
    if file is None or root is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, texts.plain("watch.none"))
    try:
        opened = await _in_time(partial(OpenTrailer.open, file, root))
    except OSError as error:
        told = texts.plain("watch.not-opened", why=error.strerror or error)
        raise ProblemError(HTTPStatus.NOT_FOUND, told) from None
    try:
        return await _send(request, opened, file)
    finally:
        in_thread(opened.close, "watch")


def playable(services: Services, row: MediaRow) -> LocalPath | None:
    """Where the item's trailer is; None if there is none, or a file that our rules do not call one."""
    if row.local_path is None or not row.trailer_file:
        return None
    providers = {one.name: one for plugin in services.plugins for one in plugin.providers}
    rules = providers[row.provider].trailers if row.provider in providers else TrailerRules()
    main_file = row.main_file and path_on_this_host(row.main_file, row.remote_path)
    if not rules.judge(row.trailer_file, main_file=main_file).counts:
        return None
    return LocalPath(f"{row.local_path}/{row.trailer_file}")


async def _root_of(services: Services, row: MediaRow) -> LocalPath | None:
    """The root folder that the item lies in, if the last refresh believed it."""
    roots = (await services.store.roots()).get(row.connection, ())
    around = [one for one in roots if row.local_path and is_below(row.local_path, one.path)]
    root = max(around, key=lambda one: len(one.path), default=None)
    is_believed = root is not None and root.state is RootState.OK and not root.is_elsewhere
    return root.path if root and is_believed else None


async def _send(request: web.Request, opened: OpenTrailer, file: LocalPath) -> web.StreamResponse:
    start, stop = _range(request, opened.size)
    is_part = "Range" in request.headers
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Type": _KINDS.get(file.rpartition(".")[2].lower(), "application/octet-stream"),
        "ETag": f'"{opened.mark}"',
    }
    if is_part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{opened.size}"
    response = web.StreamResponse(
        status=HTTPStatus.PARTIAL_CONTENT if is_part else HTTPStatus.OK, headers=headers
    )
    response.content_length = stop - start
    await response.prepare(request)
    while start < stop and request.method != "HEAD":
        piece = await _in_time(partial(opened.read, start, min(_PIECE, stop - start)))
        if not piece:  # it became shorter meanwhile: the client sees that it broke off
            break
        await response.write(piece)
        start += len(piece)
    return response


def _range(request: web.Request, size: int) -> tuple[int, int]:
    """From where to where; all of it if nothing else is asked for."""
    try:
        start, stop, _ = request.http_range.indices(size)
    except ValueError:
        start, stop = 0, 0
    if start >= stop and "Range" in request.headers:
        headers = {"Content-Range": f"bytes */{size}"}
        raise ProblemError(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, texts.plain("watch.no-part"), headers=headers
        )
    return start, stop


async def _in_time(work: Callable[[], T]) -> T:
    """In a thread that nobody has to wait for: a share that is gone answers nothing."""
    try:
        return await asyncio.wait_for(in_thread(work, "watch"), _DEADLINE)
    except TimeoutError:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, texts.plain("watch.no-answer")) from None


def _must_read(request: web.Request) -> None:
    if request[CALLER].access < Access.READ:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, texts.plain("watch.sign-in"))
