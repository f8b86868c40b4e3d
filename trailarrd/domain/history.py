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
    DOWNLOAD_GIVEN_UP = "download-given-up"
    SITE_BLOCKED = "site-blocked"
    NO_ROOM = "no-room"
    ADDRESS_CHOSEN = "address-chosen"
    ADDRESS_REFUSED = "address-refused"
    TRAILER_DELETED = "trailer-deleted"
