"""Copies of the database, made while the daemon runs, as often as the user wants them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from trailarrd.concurrency import to_completion
from trailarrd.errors import DatabaseError
from trailarrd.store.backup import back_up, backups_of, made_at

log = structlog.get_logger()

_LONGEST_SLEEP: Final = timedelta(hours=1)
"""A host may be suspended meanwhile, and its clock be set."""


@dataclass(frozen=True, kw_only=True)
class Copier:
    """Makes a copy beside the database when the newest one is old enough; of each revision `keep` stay."""

    database: Path
    every: timedelta
    keep: int
    clock: Callable[[], datetime]

    @property
    def basis(self) -> object:
        return self.database, self.every, self.keep

    async def run(self) -> None:
        """Until cancelled; the files themselves tell how old the newest is, so that a restart makes none."""
        while True:
            try:
                await to_completion(asyncio.to_thread(self.copy_if_due))
            except DatabaseError as error:
                log.error("backup.failed", error=str(error))
            await asyncio.sleep(min(self.every, _LONGEST_SLEEP).total_seconds())

    def copy_if_due(self) -> Path | None:
        """The new copy, if it is time for one; raises `DatabaseError`."""
        now = self.clock()
        made = [made_at(path) for path in backups_of(self.database)]
        if any(timedelta() <= now - at < self.every for at in made):
            return None
        copy = back_up(self.database, keep=max(self.keep, 1), at=now, of_any_revision=False)
        log.info("backup.made", file=str(copy))
        return copy
