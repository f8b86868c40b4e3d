"""What the history is written in."""

from enum import StrEnum


class HistoryEvent(StrEnum):
    ADDED = "added"
    UPDATED = "updated"
    REMOVED = "removed"
    HELD = "held"
    RESTORED = "restored"
    TRAILER_APPEARED = "trailer-appeared"
    TRAILER_VANISHED = "trailer-vanished"
    TRAILER_VANISHING = "trailer-vanishing"
    MONITORED = "monitored"
    UNMONITORED = "unmonitored"
    INTENT_SET = "intent-set"
    INTENT_DROPPED = "intent-dropped"
    DOWNLOADED = "downloaded"
    DOWNLOAD_FAILED = "download-failed"
    ADDRESS_CHOSEN = "address-chosen"
    ADDRESS_REFUSED = "address-refused"
    TRAILER_DELETED = "trailer-deleted"
