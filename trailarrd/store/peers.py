"""The daemons of one database on a server, as one of them sees them, and what they tell each other.

What they tell is in rows, `NOTIFY` only wakes who is to look: who misses it sees the row a second later.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from trailarrd import __version__
from trailarrd.domain.sharing import Peer, Seat
from trailarrd.errors import LeaseLostError
from trailarrd.store import errands, lease_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence

    import sqlalchemy as sa

    from trailarrd.store.errands import Errands
    from trailarrd.store.leases import Leases
    from trailarrd.store.wakeups import Wakeups

DAEMON: Final = "daemon:"
CONNECTION: Final = "connection:"
ROLE: Final = "role:"
"""How the names of leases begin."""


class Peers:
    """All of them, and this one among them; `leases` are this one's."""

    def __init__(self, leases: Leases, wakeups: Wakeups | None) -> None:
        self._leases = leases
        self.wakeups = wakeups
        """None where nobody can be woken, as behind a pooler: whoever waits looks now and then."""
        self._told: dict[str, Any] = {}
        self._telling = asyncio.Lock()
        self._notes: dict[str, dict[str, Any]] = {}

    @property
    def id(self) -> str:
        """Of this one."""
        return self._leases.owner

    @property
    def ttl(self) -> float:
        """Seconds after which one that is not heard of is none any more."""
        return self._leases.ttl.total_seconds()

    async def living(self) -> list[Peer]:
        """All that live, the eldest first."""
        return await self._leases.look(peers)

    async def barred(self) -> str | None:
        """What keeps all of them from writing, if something does."""
        return await self._leases.look(lease_rows.barred)

    async def tell(self, *, aloud: bool = True, **told: Any) -> bool:
        """Tell the others of this daemon what has changed; `aloud` wakes them.

        Whether it is told now: it is not where the lease seems to be over, as its prolongation comes late.
        """
        self._told.update(told)
        async with self._telling:  # what is written last says all
            note = {"host": self._leases.host, "version": __version__, **self._told}
            name = f"{DAEMON}{self.id}"
            return await self._leases.ask(lease_rows.note, name, self.id, note, aloud=aloud)

    @property
    def held(self) -> frozenset[str]:
        """The connections that this one works at, as far as it knows."""
        return frozenset(name.removeprefix(CONNECTION) for name in self._leases.seats)

    async def take(self, connections: Collection[str]) -> None:
        """Work at these from now on, as far as nobody else does."""
        for name in connections:
            self._notes.pop(name, None)  # another one may have told something else since
            await self._leases.take(f"{CONNECTION}{name}", stay=True)

    async def give(self, connections: Collection[str]) -> None:
        """Another one may work at these."""
        for name in connections:
            self._notes.pop(name, None)
        await self._leases.give([f"{CONNECTION}{name}" for name in connections])

    async def tell_of(self, connection: str, note: dict[str, Any]) -> None:
        """Tell the others how far this one is with a connection, if that is news."""
        before = self._notes.get(connection)
        if note != before:
            aloud = before is None or before.get("running_since") != note.get("running_since")
            name = f"{CONNECTION}{connection}"
            if await self._leases.ask(lease_rows.note, name, self.id, note, aloud=aloud):
                self._notes[connection] = note

    async def look(self, connections: Collection[str]) -> tuple[list[Peer], Errands]:
        """All that live, and what others want of who works at these connections; of one moment."""
        return await self._leases.look(_look, list(connections))

    async def hint(self, hints: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Tell whoever works at these connections."""
        await self._leases.ask(errands.put_hints, hints)

    async def take_hints(self, connections: Collection[str]) -> list[tuple[str, dict[str, Any]]]:
        """What this one was told of them by others; nobody else is told that."""
        return await self._leases.ask(errands.take_hints, list(connections))

    async def request(
        self, connection: str, arr_ids: list[int] | None = None, *, delete_of: int | None = None
    ) -> int:
        """Ask whoever works at it for a refresh, or of these items alone; the request's number.

        With `delete_of` have it take away the trailer of ours of that item, and nothing else.
        """
        return await self._leases.ask(errands.ask, connection, arr_ids, delete_of)

    async def answer(self, number: int, told: dict[str, Any]) -> None:
        """Say how what another one asked for has ended."""
        await self._leases.ask(errands.answer, number, told)

    async def answer_of(self, number: int) -> dict[str, Any] | None:
        """How what this one asked for has ended; None as long as it has not."""
        return await self._leases.look(errands.answer_of, number)

    async def renew(self, number: int) -> bool:
        """Say that what this one asked for is still waited for; whether it is known at all."""
        return await self._leases.ask(errands.renew, number)

    async def withdraw(self, number: int) -> None:
        """What this one asked for has ended, or is not waited for any more."""
        await self._leases.ask(errands.withdraw, number)

    def bookmark(self, role: str) -> RoleBookmark:
        """Where who has that role notes how far it is, for the next one."""
        return RoleBookmark(self._leases, f"{ROLE}{role}")

    async def alone_at(self, role: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do what one of them alone does, when it is this one's turn."""
        await self._leases.alone_at(f"{ROLE}{role}", work)


class RoleBookmark:
    """A number that stays with a role, whoever has it."""

    def __init__(self, leases: Leases, role: str) -> None:
        self._leases = leases
        self._role = role

    async def read(self) -> int | None:
        """None if none was written yet."""
        return (await self._leases.look(lease_rows.noted, self._role)).get("last")

    async def write(self, last: int) -> None:
        """Raises `LeaseLostError` if another one has the role by now."""
        told = {"last": last}
        if not await self._leases.ask(lease_rows.note, self._role, self._leases.owner, told, aloud=False):
            raise LeaseLostError(f"another process has taken over ({self._role})")


def peers(db: sa.Connection) -> list[Peer]:
    """All daemons that live now, the eldest first."""
    rows = lease_rows.living(db)
    seats = defaultdict[str, dict[str, Seat]](dict)
    for row in rows:
        name = row.name
        if name.startswith(CONNECTION):
            seats[row.owner][name.removeprefix(CONNECTION)] = Seat(since=row.since, note=row.note)
    found = [_peer(row, seats[row.owner]) for row in rows if row.name.startswith(DAEMON)]
    return sorted(found, key=lambda one: (one.since, one.id))


def _look(db: sa.Connection, connections: Collection[str]) -> tuple[list[Peer], Errands]:
    return peers(db), errands.waiting(db, connections)


def _peer(row: sa.Row[Any], seats: Mapping[str, Seat]) -> Peer:
    told = row.note
    return Peer(
        id=row.owner,
        host=told.get("host", ""),
        holder=row.holder,
        since=row.since,
        version=told.get("version", ""),
        rules=told.get("rules", {}),
        differing=told.get("differing", {}),
        knows=frozenset(told.get("knows", ())),
        note=told.get("note", {}),
        retried=told.get("retried", ""),
        downloading=told.get("downloading"),
        seats=seats,
    )


def known_elsewhere(db: sa.Connection, owner: str) -> frozenset[str]:
    """Connections in the configurations of others that live."""
    return frozenset().union(*(one.knows for one in peers(db) if one.id != owner))
