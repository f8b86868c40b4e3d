"""Which of several daemons works at which connection: decided alike by each of them, from what all see."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A connection that a daemon works at."""

    since: datetime
    note: Mapping[str, Any] = field(default_factory=dict)
    """What it tells of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A daemon that lives, as the database knows it."""

    id: str
    """A word of its own for each process that is started."""
    host: str
    holder: str
    """Which process that is, for people."""
    since: datetime
    version: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    """What decides about each connection that it may work at, as a digest, by the connection's name."""
    differing: Mapping[str, str] = field(default_factory=dict)
    """Connections that it leaves alone as another configuration says other things of them, and which."""
    knows: frozenset[str] = frozenset()
    """All connections in its configuration."""
    note: Mapping[str, str] = field(default_factory=dict)
    """What the user must know of its configuration."""
    retried: str = ""
    """When it was last told that downloads in trouble are worth another try."""
    downloading: Mapping[str, Any] | None = None
    """How far the download is that runs there: see `trailarrd.download.company`."""
    seats: Mapping[str, Seat] = field(default_factory=dict)
    """What it works at."""


def rules_in_force(peers: Mapping[str, Peer]) -> dict[str, tuple[str, Peer]]:
    """What decides about each connection, and whose word that is: of who works at it, else of the eldest."""
    found: dict[str, tuple[str, Peer]] = {}
    for peer in sorted(peers.values(), key=lambda one: (one.since, one.id)):
        for name, digest in peer.rules.items():
            if name not in found or name in peer.seats:
                found[name] = digest, peer
    return found


def shared_out(peers: Mapping[str, Peer]) -> dict[str, str]:
    """By whom each connection is to be worked at, as nearly as it is now: by its name the daemon's id.

    Nobody gets one about which its configuration says other things than what is in force, and nobody who
    could take one from another has two fewer than that.
    """
    may: dict[str, set[str]] = {}
    for name, (digest, _) in rules_in_force(peers).items():
        may[name] = {one.id for one in peers.values() if one.rules.get(name) == digest}
    owners = {name: one.id for one in peers.values() for name in one.seats if one.id in may.get(name, ())}
    load = Counter(owners.values())
    for name in sorted(may.keys() - owners.keys()):
        owners[name] = _idlest(may[name], load)
        load[owners[name]] += 1
    while move := _move(owners, may, load):
        name, to = move
        load[owners[name]] -= 1
        load[to] += 1
        owners[name] = to
    return owners


def _idlest(some: Collection[str], load: Counter[str]) -> str:
    return min(some, key=lambda one: (load[one], one))


def _move(
    owners: Mapping[str, str], may: Mapping[str, Collection[str]], load: Counter[str]
) -> tuple[str, str] | None:
    """A connection that another one should have, and who."""
    for name in sorted(owners):
        to = _idlest(may[name], load)
        if load[owners[name]] - load[to] > 1:
            return name, to
    return None
