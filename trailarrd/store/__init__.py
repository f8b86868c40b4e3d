"""SQL: the only room that knows how the truth is kept.

Start with `Store`; every other module here is one noun of the database, written as plain functions
on an open transaction. Every transaction runs to its end even if the task that asked for it is
cancelled.
"""

from trailarrd.store.backup import back_up, backups_of, copy
from trailarrd.store.connections import ConnectionRow
from trailarrd.store.credentials import ApiKey
from trailarrd.store.engine import sqlite_file
from trailarrd.store.history import HistoryRow
from trailarrd.store.integrity import Condition, check, condition_of
from trailarrd.store.listing import MediaFilter, MediaOrder, MediaRow, Tally
from trailarrd.store.quarantine import QuarantineRow
from trailarrd.store.refreshes import RefreshCounts, RefreshRow, RefreshStart
from trailarrd.store.restore import restore
from trailarrd.store.store import Store
from trailarrd.store.trends import TrendPoint

__all__ = [
    "ApiKey",
    "Condition",
    "ConnectionRow",
    "HistoryRow",
    "MediaFilter",
    "MediaOrder",
    "MediaRow",
    "QuarantineRow",
    "RefreshCounts",
    "RefreshRow",
    "RefreshStart",
    "Store",
    "Tally",
    "TrendPoint",
    "back_up",
    "backups_of",
    "check",
    "condition_of",
    "copy",
    "restore",
    "sqlite_file",
]
