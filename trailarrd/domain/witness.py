"""What shows that an item's folder holds the item's own files, where nobody says what they are called."""

from typing import Final

from trailarrd.domain.misnamed import EXTRAS
from trailarrd.domain.trailers import TrailerRules

_FURNITURE: Final = frozenset(
    {"extrafanart", "extrathumbs", "lost+found", "metadata", "plex versions", "sample", "subs", "subtitles"}
)
"""Folders that programs make beside an item's own files, and that outlive them."""


def is_own_file(rules: TrailerRules, name: str) -> bool:
    """Whether a file of this name beside the item is its own: a video, or sound, and no trailer."""
    lower = name.lower()
    stem, _, extension = lower.rpartition(".")
    if extension not in rules.own_extensions or lower.startswith(".") or stem in rules.samples:
        return False
    return not (rules.is_half(stem) or rules.judge(name).counts)


def is_own_folder(rules: TrailerRules, name: str) -> bool:
    """Whether a folder of this name in the item's holds its own files: a season's, an album's, a disc's."""
    lower = name.lower()
    if lower.startswith((".", "@", "#", "$")):
        return False
    return (
        lower not in EXTRAS and lower not in _FURNITURE and all(lower != names[0] for names in rules.folders)
    )
