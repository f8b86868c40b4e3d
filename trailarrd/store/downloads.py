"""What is remembered of downloads: by item, by address, and by site."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from trailarrd.domain.download import BLANK, RESERVED, Ask, Memory, OwnAddress, Stage, Subject
from trailarrd.domain.failure import Blame, Failure
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.site import Site
from trailarrd.store import history
from trailarrd.store.connections import of_connections
from trailarrd.store.tables import (
    ConnectionTable,
    DownloadTable,
    HistoryTable,
    MediaTable,
    RefusalTable,
    SiteTable,
    chunks,
)

_UNKNOWN_SITE: Final = sa.text(
    "INSERT INTO sites (name, walls, troubles, used) VALUES (:name, 0, 0, 0) ON CONFLICT DO NOTHING"
)
_LATELY: Final = timedelta(days=7)
"""Who became wanted since then comes before all others."""
_WANTING: Final = (HistoryEvent.ADDED, HistoryEvent.MONITORED, HistoryEvent.RESTORED)
_MEMORY: Final = (
    *(DownloadTable.stage, DownloadTable.attempts, DownloadTable.next_try, DownloadTable.failure),
    *(DownloadTable.told, DownloadTable.tried_at, DownloadTable.asked_at, DownloadTable.asked_by),
    *(DownloadTable.asked_now, DownloadTable.url, DownloadTable.public_only),
)
_ITEM: Final = (
    *(MediaTable.id, ConnectionTable.name, MediaTable.local_path, MediaTable.monitored),
    *(MediaTable.trailer, MediaTable.has_file, MediaTable.contradicted, MediaTable.vanishing_since),
    *(MediaTable.held_at, MediaTable.claimed_by, MediaTable.claimed_until, MediaTable.youtube_trailer_id),
)


def subjects(db: sa.Connection, now: datetime, basis: str, ids: Sequence[int] | None = None) -> list[Subject]:
    """Each item that wants a trailer or was asked for by name, or those with these ids, at most a chunk.

    `basis` is what the settings are now: what was refused by others is no longer refused.
    """
    media, download = MediaTable, DownloadTable
    statement = (
        sa.select(*_ITEM, *_MEMORY)
        .join_from(media, ConnectionTable)
        .outerjoin(download, download.media_id == media.id)
        .where(media.removed_at.is_(None), ConnectionTable.active)
    )
    if ids is None:
        statement = statement.where(media.monitored | download.asked_at.is_not(None))
    else:
        statement = statement.where(media.id.in_(ids))
    refused, since = _refused(db, basis), _wanted_since(db, now)
    return [
        _subject(row, refused.get(row[0], frozenset()), since.get(row[0]), now)
        for row in db.execute(statement)
    ]


def _subject(row: Sequence[Any], refused: frozenset[str], since: datetime | None, now: datetime) -> Subject:
    number, name, path, wanted, trailer, has_file, contradicted, vanishing, held, owner, until, youtube = row[
        :12
    ]
    is_claimed = owner is not None and until > now and not owner.startswith(RESERVED)
    return Subject(
        id=number,
        connection=name,
        folder=LocalPath(path) if path else None,
        wanted=wanted,
        has_trailer=trailer is TrailerState.PRESENT,
        has_file=has_file,
        contradicted=contradicted,
        vanishing=vanishing is not None,
        held=held is not None,
        claimed_by=owner if is_claimed else None,
        youtube_id=youtube,
        wanted_since=since,
        memory=_memory(row[12:], refused),
    )


def _memory(row: Sequence[Any], refused: frozenset[str]) -> Memory:
    stage, attempts, next_try, failure, told, tried_at, asked_at, asked_by, asked_now, url, public = row
    if stage is None:
        return Memory(refused=refused) if refused else BLANK
    return Memory(
        stage=stage,
        attempts=attempts,
        next_try=next_try,
        failure=Failure.called(failure),
        told=told,
        tried_at=tried_at,
        ask=Ask(at=asked_at, by=asked_by or "", now=asked_now) if asked_at else None,
        own=OwnAddress(url=url, public_only=public) if url else None,
        refused=refused,
    )


def _refused(db: sa.Connection, basis: str) -> dict[int, frozenset[str]]:
    found = defaultdict[int, set[str]](set)
    holds = RefusalTable.basis.is_(None) | (RefusalTable.basis == basis)
    for number, url in db.execute(sa.select(RefusalTable.media_id, RefusalTable.url).where(holds)):
        found[number].add(url)
    return {number: frozenset(urls) for number, urls in found.items()}


def _wanted_since(db: sa.Connection, now: datetime) -> dict[int, datetime]:
    """When items became wanted that did so lately."""
    table = HistoryTable
    statement = (
        sa.select(table.media_id, sa.func.max(table.at, type_=table.at.type))
        .where(table.event.in_(_WANTING), table.at > now - _LATELY)
        .group_by(table.media_id)
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def ask(db: sa.Connection, ids: Sequence[int], what: Ask, own: OwnAddress | None = None) -> None:
    """The user asks for these items, and perhaps gives the address; what failed before is forgotten."""
    for chunk in chunks(dict.fromkeys(ids)):
        for subject in subjects(db, what.at, "", chunk):
            before, memory = subject.memory.own, subject.memory.asked(what, own)
            db.execute(sa.delete(RefusalTable).where(RefusalTable.media_id == subject.id))
            _put(db, subject.id, memory)
            if memory.own != before:
                _tell_choice(db, subject.id, before, memory.own, what.at)


def choose(db: sa.Connection, media_id: int, own: OwnAddress, at: datetime) -> None:
    """The user names the video of an item that he does not ask for just now."""
    for subject in subjects(db, at, "", [media_id]):
        _put(db, media_id, replace(subject.memory, own=own))
        _tell_choice(db, media_id, subject.memory.own, own, at)


def stop(db: sa.Connection, ids: Sequence[int], at: datetime) -> None:
    """Nothing begins for these items until the user asks again."""
    for chunk in chunks(dict.fromkeys(ids)):
        for subject in subjects(db, at, "", chunk):
            _put(db, subject.id, subject.memory.stopped(at))


def forget_address(db: sa.Connection, ids: Sequence[int], at: datetime) -> list[int]:
    """Drop the addresses that the user gave for these items; those that had one."""
    changed = []
    for chunk in chunks(dict.fromkeys(ids)):
        for subject in subjects(db, at, "", chunk):
            if own := subject.memory.own:
                db.execute(
                    sa.update(DownloadTable).where(DownloadTable.media_id == subject.id).values(url=None)
                )
                _tell_choice(db, subject.id, own, None, at)
                changed.append(subject.id)
    return changed


def stage_of(db: sa.Connection, media_id: int) -> Stage | None:
    """What is remembered of an item's download, in one word; None if nothing is."""
    return db.scalar(sa.select(DownloadTable.stage).where(DownloadTable.media_id == media_id))


def remember(db: sa.Connection, media_id: int, memory: Memory) -> None:
    """Keep what is so of an item's download now."""
    _put(db, media_id, memory)


def failed(
    db: sa.Connection,
    media_id: int,
    memory: Memory,
    *,
    failure: Failure,
    told: str,
    url: str,
    basis: str,
    at: datetime,
) -> None:
    """Keep that a try has come to nothing, refuse the address if it is to blame, and tell of it.

    `memory` is what was so before. What the user has said meanwhile counts more.
    """
    current = next((one.memory for one in subjects(db, at, basis, [media_id])), None)
    if current is None:
        return
    if current.ask == memory.ask and current.stage is memory.stage:
        current = current.failed(failure, told, at)
        _put(db, media_id, current)
    if failure.blame in (Blame.ADDRESS, Blame.SETTINGS):
        refuse(db, media_id, url, failure, told, basis=basis, at=at)
    elif failure.blame in (Blame.ITEM, Blame.FOLDER):
        is_last = current.stage is Stage.GIVEN_UP
        event = HistoryEvent.DOWNLOAD_GIVEN_UP if is_last else HistoryEvent.DOWNLOAD_FAILED
        tell(db, media_id, event, {"url": url, "failure": failure.value, "told": told}, at)


def refuse(
    db: sa.Connection,
    media_id: int,
    url: str,
    failure: Failure,
    told: str,
    *,
    basis: str | None,
    at: datetime,
) -> None:
    """This address will not do for the item: for good, or as long as the settings are what they are."""
    mine = (RefusalTable.media_id == media_id) & (RefusalTable.url == url)
    db.execute(sa.delete(RefusalTable).where(mine))
    holds = basis if failure.blame is Blame.SETTINGS else None
    row = {"media_id": media_id, "url": url, "failure": failure.value, "told": told, "basis": holds, "at": at}
    db.execute(sa.insert(RefusalTable).values(row))
    tell(db, media_id, HistoryEvent.ADDRESS_REFUSED, {"url": url, "failure": failure.value, "told": told}, at)


def refusals(db: sa.Connection, media_id: int) -> list[tuple[str, Failure, str, datetime]]:
    """Each address that was refused for the item, with the reason, in its words, and when."""
    table = RefusalTable
    rows = db.execute(
        sa.select(table.url, table.failure, table.told, table.at)
        .where(table.media_id == media_id)
        .order_by(table.id)
    )
    return [(url, failure, told, at) for url, word, told, at in rows if (failure := Failure.called(word))]


def sites(db: sa.Connection) -> dict[str, Site]:
    """Every site that was ever asked, by its name."""
    columns = [getattr(SiteTable, field.name) for field in fields(Site)]
    names = [field.name for field in fields(Site)]
    rows = db.execute(sa.select(*columns))
    return {row[0]: Site(**dict(zip(names, row, strict=True))) for row in rows}


def change_site(db: sa.Connection, name: str, change: Callable[[Site], Site]) -> tuple[Site, Site]:
    """Keep how a site is to be treated from now on, and how it was before; no other daemon does meanwhile."""
    db.execute(_UNKNOWN_SITE, {"name": name})
    names = [field.name for field in fields(Site)]
    columns = [getattr(SiteTable, one) for one in names]
    row = db.execute(sa.select(*columns).where(SiteTable.name == name).with_for_update()).one()
    before = Site(**dict(zip(names, row, strict=True)))
    after = change(before)
    if after != before:
        db.execute(sa.update(SiteTable).where(SiteTable.name == name).values(asdict(after)))
    return before, after


def release_ours(db: sa.Connection, connection: str | None = None) -> None:
    """Give back what trailarrd itself claimed, of all or of one connection; whoever did is gone."""
    ours = MediaTable.claimed_by.startswith(RESERVED, autoescape=True)
    if connection is not None:
        ours &= of_connections({connection})
    db.execute(sa.update(MediaTable).where(ours).values(claimed_by=None, claimed_until=None))


def latest_ask(db: sa.Connection) -> datetime | None:
    """When the user asked for an item last, of those that he waits for."""
    return db.scalar(sa.select(sa.func.max(DownloadTable.asked_at, type_=DownloadTable.asked_at.type)))


def _put(db: sa.Connection, media_id: int, memory: Memory) -> None:
    ask, own = memory.ask, memory.own
    values = {
        "stage": memory.stage,
        "attempts": memory.attempts,
        "next_try": memory.next_try,
        "failure": memory.failure and memory.failure.value,
        "told": memory.told,
        "tried_at": memory.tried_at,
        "asked_at": ask and ask.at,
        "asked_by": ask and ask.by,
        "asked_now": bool(ask and ask.now),
        "url": own and own.url,
        "public_only": bool(own and own.public_only),
    }
    changed = sa.update(DownloadTable).where(DownloadTable.media_id == media_id).values(values)
    if not db.execute(changed).rowcount:
        db.execute(sa.insert(DownloadTable).values(media_id=media_id, **values))


def _tell_choice(
    db: sa.Connection, media_id: int, before: OwnAddress | None, now: OwnAddress | None, at: datetime
) -> None:
    detail = {"url": [before and before.url, now and now.url]}
    tell(db, media_id, HistoryEvent.ADDRESS_CHOSEN, detail, at)


def tell(db: sa.Connection, media_id: int, event: HistoryEvent, detail: dict[str, Any], at: datetime) -> None:
    """Note in the history what happened to an item's trailer; nothing of an item that is erased."""
    row = (
        db.execute(
            sa.select(MediaTable.id, MediaTable.arr_id, MediaTable.title, ConnectionTable.name)
            .join_from(MediaTable, ConnectionTable)
            .where(MediaTable.id == media_id)
        )
        .mappings()
        .one_or_none()
    )
    if row:
        history.record(db, [{**history.by_the_user(row, at), "event": event, "detail": detail}])
