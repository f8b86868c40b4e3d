"""What an item is found and put in order by: texts that are written in one way, whatever the alphabet.

The program folds them and databases compare bytes, so that all of them agree.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from unicodedata import combining, normalize

from trailarrd.domain.details import Details

_SPELT: Final = (
    *("øo", "Øo", "łl", "Łl", "đd", "Đd", "ðd", "Ðd", "ħh", "Ħh", "\N{LATIN SMALL LETTER DOTLESS I}i"),
    *("þth", "Þth", "æae", "Æae", "œoe", "Œoe"),
    *("\N{RIGHT SINGLE QUOTATION MARK}'", "\N{LEFT SINGLE QUOTATION MARK}'"),
    *('“"', '”"', "\N{EN DASH}-", "—-"),
)
_LETTERS: Final = str.maketrans({one[0]: one[1:] for one in _SPELT})
"""Letters and quotes that are no other letter with an accent."""
_FIRST_ACCENT: Final = 200
"""Combining classes from here on are accents; below are parts of letters (kana's voicing, Indic signs)."""
_END: Final = "\n"
"""Between what is looked for as a whole: no word of a search has it."""
_TAGS: Final = re.compile("\nt:[^\n]*(?=\n)")
_MOST_TITLES: Final = 600
"""Characters, so that an index of any database takes them."""


def fold(text: str) -> str:
    """The same for all ways to write it: without case, accents and compatibility forms, on one line."""
    return _folded(text.replace(_END, " "))


def _folded_lines(texts: Sequence[str]) -> str:
    """Several texts, a line each: folded at once, as no letter changes with what is on another."""
    lines = _END.join(texts)
    if lines.count(_END) >= len(texts):  # one has lines of its own
        lines = _END.join([one.replace(_END, " ") for one in texts])
    return _folded(lines)


def _folded(lines: str) -> str:
    if lines.isascii():
        return lines.lower()
    letters = normalize("NFKD", lines.translate(_LETTERS))
    plain = "".join([char for char in letters if char.isascii() or combining(char) < _FIRST_ACCENT])
    if plain.isascii():
        return plain.lower()
    return normalize("NFC", normalize("NFKD", plain.casefold()))


def moment(text: str) -> datetime:
    """A day or a time, in UTC unless it says otherwise; raises ValueError for anything else."""
    told = datetime.fromisoformat(text.strip())
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def titles_of(title: str, told: Details) -> str:
    """An item's titles, a line each, folded; that by which it is put in order comes first."""
    titles = dict.fromkeys((told.sort_title or title, title, told.original_title or title))
    lines = _folded_lines([*titles]).split(_END)
    return _END.join(dict.fromkeys(lines))[:_MOST_TITLES]


def key(name: str, value: object) -> str:
    """How a fact stands among an item's keys; without a name it is what people type, as an id or a year.

    Names are told by their first letters: an item has ten of them, and has them twice, as the index has them.
    """
    told = fold(str(value))
    return f"{_END}{name[:1]}:{told}{_END}" if name else f"{_END}{told}{_END}"


def keys_of(
    year: int | None, external_ids: Mapping[str, str], told: Details, *, has_file: bool | None
) -> str:
    """Whatever is looked for as a whole: year and ids, and facts by their names."""
    keys = [*external_ids.values()] if year is None else [str(year), *external_ids.values()]
    if has_file is not None:
        keys.append("f:yes" if has_file else "f:no")
    if told.genres:
        keys += map("g:".__add__, told.genres)
    if told.tags:
        keys += [f"t:{tag}" for tag in told.tags]
    if told.original_language is not None:
        keys.append(f"l:{told.original_language}")
    if told.status is not None:
        keys.append(f"r:{told.status.value}")
    return f"{_END}{_folded_lines(keys)}{_END}" if keys else ""


def with_tags_of(before: str, keys: str) -> str:
    """The keys, and those that were tags before."""
    tags = "".join(_TAGS.findall(before))
    return f"{keys.removesuffix(_END)}{tags}{_END}" if tags else keys
