"""How far a downloader has come with what it claims; kept for as long as the daemon runs."""

from typing import NamedTuple


class ClaimProgress(NamedTuple):
    """What it said last."""

    owner: str
    percent: float | None
    words: str | None
    """For people: `merging sound and picture`."""
