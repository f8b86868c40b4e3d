"""An item's folder as a download finds it: whether it is believed, what lies there, a trailer's name."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trailarrd.concurrency import in_thread
from trailarrd.disk.inspection import judged_files
from trailarrd.disk.spelling import spellings_below
from trailarrd.disk.view import DiskView
from trailarrd.domain.failure import Failure
from trailarrd.domain.keys import file_hash
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath, is_below, parent, path_on_this_host
from trailarrd.domain.plan import Item, Match, Observation
from trailarrd.domain.target import NoTarget, target_of
from trailarrd.domain.trailers import STANDARD, TrailerRules, plain
from trailarrd.download.placing import PlacingError
from trailarrd.download.spot import Spot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from trailarrd.config import Settings
    from trailarrd.disk.roots import Roots
    from trailarrd.store.listing import MediaRow
    from trailarrd.store.store import Store


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at an item's folder has shown."""

    spot: Spot
    """Where its trailer belongs."""
    trailer: LocalPath | None
    """The one that lies there, if any does."""


class Library:
    """Looks at items as a refresh does, with the same doubts."""

    def __init__(
        self,
        store: Store,
        roots: Roots,
        settings: Settings,
        rules: Mapping[str, TrailerRules],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._roots = roots
        self._connections = {one.name: one.connection() for one in settings.connections}
        self._rules = rules
        self._clock = clock

    async def look(self, item: MediaRow) -> Seen:
        """Look now.

        Raises:
            PlacingError: nothing that is seen there can be believed, or there is no name for a trailer.
        """
        folder, connection = item.local_path, self._connections.get(item.connection)
        if folder is None or connection is None:
            raise PlacingError(Failure.CHANGED, Failure.CHANGED.sentence)
        history = await self._store.root_history(await self._store.begin_dry_run(connection, self._clock()))
        rules = self.rules_of(item)
        view = DiskView(self._roots, history, trailers=rules)
        await view.check_roots(history.observations)
        match = Match(Item(item, folder), b"", trailer_hash=file_hash(item.trailer_file))
        (seen,) = await view.look([match])
        _believe(seen, view, folder)
        root = max((one for one in history.observations if is_below(folder, one)), key=len, default=None)
        root = root or parent(folder)
        spot = await in_thread(lambda: _as_spelled(_spot(item, folder, root, rules)), "download")
        trailer = LocalPath(f"{spot.folder}/{seen.file}") if seen and seen.file else None
        return Seen(spot, trailer)

    def rules_of(self, item: MediaRow) -> TrailerRules:
        return self._rules.get(item.provider, STANDARD)


def _believe(seen: Observation | None, view: DiskView, folder: LocalPath) -> None:
    """Raise `PlacingError` if the item's folder proves nothing just now."""
    if seen is None or seen.trailer is TrailerState.UNKNOWN:
        doubted = (root for root in view.roots if is_below(folder, root.path) and root.state.value != "ok")
        why = next((f"{root.path}: {root.state.sentence}" for root in doubted), None)
        raise PlacingError(Failure.NOT_BELIEVED, why or _note(seen) or Failure.NOT_BELIEVED.sentence)
    if seen.vanished:
        raise PlacingError(Failure.FOLDER_GONE, f"{folder}: {Failure.FOLDER_GONE.sentence}")
    if seen.own_file is False:
        raise PlacingError(Failure.NO_OWN_FILE, Failure.NO_OWN_FILE.sentence)
    if seen.counted_before:
        told = "what was its trailer lies there under a name that no longer counts"
        raise PlacingError(Failure.APPEARED, told)


def _note(seen: Observation | None) -> str | None:
    return next(iter(seen.notes), None) if seen else None


def _as_spelled(spot: Spot) -> Spot:
    """The same, its folders as they are written on the disk."""
    spellings = spellings_below(spot.folder, spot.root)
    here = next((one for one in spellings if Path(one).is_dir()), spot.folder)
    inside = list[str]()
    for name in spot.inside.split("/") if spot.inside else []:
        above = Path(here, *inside)
        alike = sorted(one for one in _listed(above) if plain(one) == plain(name))
        inside.append(name if name in alike else next(iter(alike), name))
    return replace(spot, folder=here, inside="/".join(inside))


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  # of names alone
    except OSError:
        return []


def _spot(item: MediaRow, folder: LocalPath, root: LocalPath, rules: TrailerRules) -> Spot:
    """Where its trailer belongs among what lies there."""
    main_file = item.main_file and path_on_this_host(item.main_file, item.remote_path)
    target = target_of(item, folder, rules, files=judged_files(folder, root, rules, main_file))
    if isinstance(target, NoTarget):
        raise PlacingError(Failure.NO_TARGET, target.sentence)
    return Spot(root=root, folder=folder, inside=target.inside, stem=target.stem)
