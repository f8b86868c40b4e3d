"""Work that one daemon of a database does for all: it tidies up, makes backups, tells people."""

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

from trailarrd.announcer import Announcer
from trailarrd.config import Settings
from trailarrd.daemon.notifier import Notifier, senders
from trailarrd.daemon.supervisor import Service, at_once
from trailarrd.runtime.copier import Copier
from trailarrd.runtime.runtime import Runtime, utc_now
from trailarrd.store.engine import file_of, parse_url


def housekeeper(runtime: Runtime) -> Service:
    """Erases what is old."""
    keeper = runtime.housekeeper
    run = at_once(_alone(runtime, "housekeeper", keeper.run))
    return Service(name="housekeeper", run=run, basis=keeper.basis)


def copiers(settings: Settings) -> Iterator[Service]:
    """Makes backups; of a database on a server that is its owner's work."""
    database = settings.database
    file = file_of(parse_url(database.url))
    if file is not None and database.backup_every is not None:
        copier = Copier(database=file, every=database.backup_every, keep=database.backups, clock=utc_now)
        yield Service(name="copier", run=at_once(copier.run), basis=copier.basis)


def notifiers(runtime: Runtime, announcer: Announcer) -> Iterator[Service]:
    """Tells people, where there is anybody to be told."""
    notify, peers = runtime.settings.notify, runtime.store.peers
    if notify.urls:
        bookmark = peers.bookmark("notifier") if peers else None
        notifier = Notifier(announcer, senders(notify.urls), notify.policy(), bookmark=bookmark)
        yield Service(name="notifier", run=at_once(_alone(runtime, "notifier", notifier.run)), basis=notify)


def _alone(
    runtime: Runtime, role: str, work: Callable[[], Coroutine[Any, Any, None]]
) -> Callable[[], Coroutine[Any, Any, None]]:
    """The same, done by one of several daemons."""
    peers = runtime.store.peers
    return work if peers is None else partial(peers.alone_at, role, work)
