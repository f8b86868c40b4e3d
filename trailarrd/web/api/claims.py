"""`/claims`: what downloaders are working on, so that no two work on the same."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Final

import msgspec

from trailarrd.documents.claims import Claim, Claims
from trailarrd.domain.claim import ClaimProgress
from trailarrd.domain.download import RESERVED
from trailarrd.domain.monitoring import MediaStatus
from trailarrd.store.filter import MediaFilter
from trailarrd.web.api.media import find
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import Id, change, get
from trailarrd.web.services import Services

_LONGEST: Final = 24 * 60
_TEXT: Final = r"^[^\x00]*$"

Owner = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=200, pattern=_TEXT, description="who works on it, as it calls itself"
    ),
]
Minutes = Annotated[
    int, msgspec.Meta(ge=1, le=_LONGEST, description="until it expires, if it is not prolonged")
]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100, description="how far it has come")]
Words = Annotated[
    str, msgspec.Meta(max_length=200, pattern=_TEXT, description="what it is doing, for people")
]


def _foreign(owner: str) -> None:
    if owner.startswith(RESERVED):
        raise ValueError(f"owners that begin with {RESERVED!r} are reserved: they are trailarrd itself")


class NewClaim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which item is to be claimed."""

    id: Id
    owner: Owner
    minutes: Minutes = 30

    def __post_init__(self) -> None:
        _foreign(self.owner)


class Prolonged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long from now on, and how far it is."""

    owner: Owner
    minutes: Minutes = 30
    percent: Percent | None = None
    words: Words | None = None

    def __post_init__(self) -> None:
        _foreign(self.owner)


class Whose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose claim it is."""

    owner: Owner

    def __post_init__(self) -> None:
        _foreign(self.owner)


@get("/claims")
async def claims(services: Services) -> Claims:
    """Every claim that holds now."""
    working = MediaFilter(status=MediaStatus.DOWNLOADING)
    rows = [row async for page in services.store.media(working, now=services.clock()) for row in page]
    progress = await progress_of(services)
    return Claims(items=[Claim.of(row, progress.get(row.id)) for row in rows])


@change("POST", "/claims", status=HTTPStatus.CREATED, errors={404, 409})
async def claim(services: Services, *, body: NewClaim) -> Claim:
    """Say that you work on an item; its status is `downloading` until the claim ends or expires."""
    return await _take(services, body.id, body.owner, body.minutes)


@change("PUT", "/claims/{media_id}", errors={404, 409})
async def prolong(services: Services, *, media_id: Id, body: Prolonged) -> Claim:
    """Go on working on it, and say how far it is; begins the claim anew if it has expired."""
    return await _take(
        services, media_id, body.owner, body.minutes, ClaimProgress(body.owner, body.percent, body.words)
    )


@change("DELETE", "/claims/{media_id}", status=HTTPStatus.NO_CONTENT, errors={404})
async def release(services: Services, *, media_id: Id, query: Whose) -> None:
    """Work on it no longer."""
    if not await services.store.release(media_id, query.owner):
        raise ProblemError(HTTPStatus.NOT_FOUND, f"{query.owner!r} has no claim on the item {media_id}")
    services.progress.pop(media_id, None)


async def progress_of(services: Services) -> Mapping[int, ClaimProgress]:
    """How far whoever claims an item is with it, by the item's id."""
    desk = services.desk()
    return {**services.progress, **(await desk.progress() if desk else {})}


async def _take(
    services: Services, media_id: int, owner: str, minutes: int, progress: ClaimProgress | None = None
) -> Claim:
    row, now = await find(services, media_id), services.clock()
    if not await services.store.claim(media_id, owner, until=now + timedelta(minutes=minutes), now=now):
        raise ProblemError(HTTPStatus.CONFLICT, f"{row.claimed_by!r} works on it already")
    services.progress.pop(media_id, None)
    if progress:
        services.progress[media_id] = progress
    return Claim.of(await find(services, media_id), progress)
