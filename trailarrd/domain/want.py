"""Which items a connection wants trailers of at all, whatever its mode: `want:` in trailarrd.yaml."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple, Self

from trailarrd.domain.details import ReleaseStatus
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import NO_FILE, Exclusion, MonitorReason

_OUT: Final = frozenset({ReleaseStatus.RELEASED, ReleaseStatus.CONTINUING, ReleaseStatus.ENDED})


class Years(NamedTuple):
    """From one year to another, both included; None: without an end on that side."""

    first: int | None
    last: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """`1999`, `1990-`, `-1980` or `1990-1999`; raises ValueError for anything else."""
        before, dash, after = text.strip().partition("-")
        first, last = _year(before), _year(after if dash else before)
        backwards = first is not None and last is not None and first > last
        if backwards or first is last is None:
            raise ValueError("is no range of years")
        return cls(first, last)

    def __contains__(self, year: object) -> bool:
        first, last = self.first or 0, self.last or float("inf")
        return isinstance(year, int) and first <= year <= last

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        return f"{self.first or ''}-{self.last or ''}"


def _year(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):  # noqa: PLR2004  # digits of a year
        raise ValueError("is no range of years")
    return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Facts of items; what is empty does not matter."""

    tags: Sequence[str] = ()
    genres: Sequence[str] = ()
    languages: Sequence[str] = ()
    certifications: Sequence[str] = ()
    years: Years | None = None
    released: bool = False
    """It can be watched at home by now."""

    def met(self, media: Media, today: date) -> Iterator[tuple[str, bool | None]]:
        """Each condition as it is written, and whether the item meets it; None: nobody knows."""
        for name, fact in _FACTS.items():
            wanted = getattr(self, name)
            if wanted:
                yield f"{name}: {', '.join(wanted)}", _shares(wanted, fact(media))
        if self.years is not None:
            yield f"years: {self.years}", None if media.year is None else media.year in self.years
        if self.released:
            yield "released: true", _is_released(media, today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    without_file: bool = False
    """Whether items are wanted of which the server has no file."""
    only: Conditions = Conditions()
    """Each of them must be met."""
    never: Conditions = Conditions()
    """None of them may be met."""
    has_filters: bool = field(init=False)

    def __post_init__(self) -> None:
        """Compare once what is asked of every item of a refresh."""
        object.__setattr__(self, "has_filters", not self.only == self.never == Conditions())

    def exclusion(self, media: Media, today: date) -> Exclusion | None:
        """Why it is not wanted on that day, by the first condition that says so; None if it is."""
        if media.has_file is False and not self.without_file:
            return NO_FILE
        return self._filtered(media, today) if self.has_filters else None

    def _filtered(self, media: Media, today: date) -> Exclusion | None:
        told = [(f"only {text}", met) for text, met in self.only.met(media, today)]
        for text, met in self.never.met(media, today):
            told.append((f"never {text}", None if met is None else not met))
        for text, fits in told:
            if fits is False:
                return Exclusion(MonitorReason.FILTERED, text)
        unknown = next((text for text, fits in told if fits is None), None)
        return Exclusion(MonitorReason.UNDECIDED, unknown) if unknown else None


_FACTS: Final[dict[str, Callable[[Media], Any]]] = {
    "tags": lambda media: media.details.tags,
    "genres": lambda media: media.details.genres,
    "languages": lambda media: media.details.original_language,
    "certifications": lambda media: media.details.certification,
}


def _shares(wanted: Sequence[str], fact: str | Sequence[object] | None) -> bool | None:
    """Whether one of these is among the item's, in any case of letters."""
    if fact is None:
        return None
    its = [fact] if isinstance(fact, str) else fact
    return not {one.casefold() for one in wanted}.isdisjoint(str(one).casefold() for one in its)


def _is_released(media: Media, today: date) -> bool | None:
    status, day = media.details.status, media.details.release_date
    if status in _OUT or (day is not None and day <= today):
        return True
    return None if day is None and status in (None, ReleaseStatus.DELETED) else False


WANT_ALL: Final = Want(without_file=True)
