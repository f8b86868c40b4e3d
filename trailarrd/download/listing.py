"""Downloads as they are told to programs and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trailarrd.documents import to_second
from trailarrd.documents.downloads import DownloadItem, DownloadSite
from trailarrd.domain.download import RESERVED, Stage
from trailarrd.domain.failure import Failure
from trailarrd.domain.waiting import Why

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trailarrd.domain.placed import PlacedFile
    from trailarrd.domain.site import Pace, Site
    from trailarrd.download.planner import Turn
    from trailarrd.download.running import HowFar
    from trailarrd.store.listing import MediaRow

_STATES: Final = {
    None: "next",
    Why.STOPPED: "stopped",
    Why.GIVEN_UP: "given-up",
    Why.REFUSED: "refused",
}
_OF_THE_TRY: Final = frozenset({Why.REFUSED, Why.GIVEN_UP, Why.BACK_OFF})
"""Why it waits for how the last try ended."""


def item_of(
    turn: Turn,
    row: MediaRow,
    file: PlacedFile | None,
    far: HowFar | None,
    place: Callable[[MediaRow], str | None],
    claimed_at: datetime | None,
) -> DownloadItem:
    """What becomes of an item; `file` is ours, `far` tells of what is under way, `place` where one would lie.

    `claimed_at` is the moment at which claims of ours count; None where nobody downloads.
    """
    memory, ask = turn.subject.memory, turn.subject.ask
    is_placed = turn.why is Why.HAS_TRAILER and memory.stage is Stage.PLACED
    state = "placed" if is_placed else _STATES.get(turn.why, "waiting")
    is_under_way = far is not None or (claimed_at is not None and _is_claimed_by_us(row, claimed_at))
    why = None if is_under_way else turn.why
    return DownloadItem(
        id=row.id,
        connection=row.connection,
        title=row.title,
        year=row.year,
        state="downloading" if is_under_way else state,
        why=why.value if why else None,
        told=_sentence(turn) if why else None,
        until=None if is_under_way else to_second(turn.until),
        url=far.url if far else turn.url,
        own_url=memory.own is not None,
        downloader=turn.choice.downloader if turn.choice else None,
        site=turn.choice.site if turn.choice else None,
        place=place(row),
        asked_at=to_second(ask.at) if ask else None,
        asked_by=ask.by if ask else None,
        attempts=memory.attempts,
        failure=memory.failure.value if memory.failure else None,
        tried_at=to_second(memory.tried_at),
        file=file.path if file and (turn.subject.has_trailer or memory.stage is Stage.PLACED) else None,
        step=far.step if far else None,
        done=far.done if far else None,
        total=far.total if far else None,
        percent=far.percent if far else None,
    )


def _is_claimed_by_us(row: MediaRow, now: datetime) -> bool:
    """Whether a daemon is at it, this one or another of the database."""
    is_ours = row.claimed_by is not None and row.claimed_by.startswith(RESERVED)
    return is_ours and row.claimed_until is not None and now < row.claimed_until


def _sentence(turn: Turn) -> str | None:
    """Why it waits, with what others said of it, and how the last try ended."""
    if turn.why is None:
        return None
    memory, told = turn.subject.memory, turn.why.sentence
    last = memory.told if memory.failure is not Failure.STOPPED else None
    if turn.why in _OF_THE_TRY:
        return f"{told}: {last}" if last else told
    if turn.told:
        told = f"{told}: {turn.told}"
    has_failed = last and memory.tried_at and last not in told
    return f"{told}; the last try failed: {last}" if has_failed else told


def site_of(site: Site, pace: Pace, now: datetime) -> DownloadSite:
    """How often it may be asked still, and when."""
    return DownloadSite(
        site=site.name,
        left_today=site.left(pace, now),
        blocked_until=to_second(site.blocked_until) if site.wall(now) else None,
        told=site.told,
        next_at=to_second(site.next_at),
    )
