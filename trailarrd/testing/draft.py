"""What is settled about a simulated item before its dialect writes the record."""

import re
from dataclasses import dataclass
from random import Random
from typing import Any, Final

Record = dict[str, Any]
"""One item as the server sends it."""

_ADJECTIVES: Final = (
    "Silent", "Crimson", "Last", "Hidden", "Broken", "Golden", "Distant", "Burning", "Lonely",
    "Frozen", "Secret", "Midnight", "Hollow", "Wandering", "Pale", "Restless", "Forgotten", "Electric",
    "Velvet", "Northern", "Paper", "Iron", "Second", "Borrowed", "Quiet", "Savage", "Glass", "Endless",
    "Stolen", "Blue",
)  # fmt: skip
_NOUNS: Final = (
    "Harbour", "Orchard", "Signal", "Kingdom", "Garden", "Winter", "Passenger", "Mirror", "Horizon", "Letter",
    "Carousel", "Lighthouse", "Echo", "Café", "Ålesund", "River", "Machine", "Promise", "Sparrow",
    "Cathedral", "Voyage", "東京", "Anthem", "Labyrinth", "Señora", "Storm", "Archive", "Tide", "Métro",
    "Shadow", "Empire", "Waltz", "Frontier", "Candle", "Островок", "Engine", "Meridian", "Fable", "Witness",
    "Summer",
)  # fmt: skip
_SPREAD: Final = 7919  # a prime that shares no factor with the number of titles: visits each once
_UNFIT: Final = re.compile(r'[<>:"/\\|?*]+')


@dataclass(frozen=True, slots=True)
class Draft:
    """The start of one item; `random` is its own, so that items don't depend on each other."""

    arr_id: int
    title: str
    year: int
    """0 when the server does not know it."""
    root: str
    """The root folder: POSIX, Windows or UNC."""
    random: Random

    @property
    def sort_title(self) -> str:
        """As the servers sort: lower case, without the article."""
        return self.title.lower().removeprefix("the ")

    @property
    def clean_title(self) -> str:
        """Letters and digits only."""
        return "".join(letter for letter in self.title.lower() if letter.isalnum())

    @property
    def file_name(self) -> str:
        """The title as part of a file name, as the servers clean it for every system."""
        return _UNFIT.sub("", self.title).strip(" .")

    def folder(self, name: str) -> str:
        """A folder of that name in the root folder, in the root folder's own style."""
        return join(self.root, name)


def draft_item(
    seed: int, arr_id: int, root: str, *, title: str | None = None, year: int | None = None
) -> Draft:
    """The same draft for the same arguments, on every machine and Python."""
    random = Random(f"{seed}:{arr_id}")
    drawn = 0 if random.random() < 0.08 else random.randint(1950, 2026)
    return Draft(arr_id, title or title_of(seed, arr_id), drawn if year is None else year, root, random)


def title_of(seed: int, arr_id: int) -> str:
    """A title that no other item of this seed has."""
    count = len(_ADJECTIVES) * len(_NOUNS)
    spread = (arr_id * _SPREAD + seed * 101) % count
    adjective = _ADJECTIVES[spread % len(_ADJECTIVES)]
    noun = _NOUNS[spread // len(_ADJECTIVES)]
    plain = f"{adjective} {noun}" if spread % 3 else f"The {adjective} {noun}"
    sequel = arr_id // count
    return f"{plain}: Part {sequel + 1}" if sequel else plain


def is_windows(path: str) -> bool:
    """Whether a path is written as Windows does."""
    return path.startswith("\\\\") or path[1:3] in (":\\", ":/", ":")


def name_of(path: str) -> str:
    """The last name in a path, whichever separator it uses."""
    return path[max(path.rfind("/"), path.rfind("\\")) + 1 :]


def join(folder: str, name: str) -> str:
    """A path below `folder`, with the separator that `folder` uses."""
    separator = "\\" if is_windows(folder) else "/"
    return folder.rstrip("/\\") + separator + name
