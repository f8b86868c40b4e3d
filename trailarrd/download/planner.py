"""Whose turn it is to be downloaded, and of all others why not yet: pure, however many are wanted."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from trailarrd.domain.download import SETTLING, Stage, Subject, address_of
from trailarrd.domain.failure import Failure
from trailarrd.domain.paths import LocalPath, is_below, parent
from trailarrd.domain.quiet import QuietHours
from trailarrd.domain.site import Pace, Site
from trailarrd.domain.waiting import Why


class Choice(NamedTuple):
    """What brings an address home."""

    downloader: str
    site: str


class Trouble(NamedTuple):
    """Why nothing is done there now, and until when; None: until somebody helps."""

    told: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the settings and the world say of all items."""

    pace: Pace
    choose: Callable[[str], Choice | None]
    """Which downloader takes an address; pure."""
    preview: bool = True
    off: frozenset[str] = frozenset()
    """Connections with `download: false`."""
    here: frozenset[str] | None = None
    """Connections that this daemon works at; None: all."""
    hours: QuietHours | None = None
    """When it is done by itself; None: at any time."""
    quiet: bool = False
    """Whether the disks are to be left alone now."""
    quiet_until: datetime | None = None
    roots: Mapping[str, Sequence[LocalPath]] = field(default_factory=dict)
    """By connection."""
    troubled: Mapping[LocalPath, Trouble] = field(default_factory=dict)
    """Root folders where nothing can be placed now."""
    work: Trouble | None = None
    """Why nothing can be downloaded at all."""
    rejected: Mapping[Choice, Trouble] = field(default_factory=dict)
    """Downloaders that only the user can help, each at one site: another one may not need it."""


class Turn(NamedTuple):
    """What becomes of an item: it is next if there is no reason why not."""

    subject: Subject
    url: str | None = None
    choice: Choice | None = None
    why: Why | None = None
    until: datetime | None = None
    told: str | None = None
    """More of why, in others' words."""
    here: bool = True
    """False: another daemon's."""


class Due(NamedTuple):
    """What is to be done now."""

    subject: Subject
    url: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Plan:
    turns: Sequence[Turn]
    """In the order in which they come."""
    days: int
    """How many days all that only wait for their turn take at the least."""

    @property
    def next(self) -> Due | None:
        for turn in self.turns:
            if turn.why is None and turn.here and turn.url and turn.choice:
                return Due(turn.subject, turn.url, turn.choice)
        return None

    @property
    def missing(self) -> list[Subject]:
        """Whose trailer of ours is not seen any more, though nothing speaks against what is seen."""
        placed = (turn for turn in self.turns if turn.subject.memory.stage is Stage.PLACED)
        return [turn.subject for turn in placed if turn.why not in _NOT_MISSING]

    @property
    def again_at(self) -> datetime | None:
        """When the next of them may be due that is not now."""
        return min((turn.until for turn in self.turns if turn.until), default=None)


def plan(subjects: Iterable[Subject], sites: Mapping[str, Site], rules: Rules, now: datetime) -> Plan:
    """Everything in its order: whoever was asked for by name, then what became wanted last."""
    planner = _Planner(sites, rules, now)
    turns = [planner.turn(subject) for subject in sorted(subjects, key=_order)]
    waiting = Counter(turn.choice.site for turn in turns if turn.choice and turn.why not in _NOT_BY_WAITING)
    open_a_day = rules.hours.a_day if rules.hours else timedelta(days=1)
    return Plan(turns, max((rules.pace.days(count, open_a_day) for count in waiting.values()), default=0))


_NOT_BY_WAITING: Final = frozenset(
    {Why.STOPPED, Why.GIVEN_UP, Why.REFUSED, Why.NO_ADDRESS, Why.NO_DOWNLOADER, Why.TWIN, Why.CLAIMED}
    | {Why.NOT_WANTED, Why.HAS_TRAILER, Why.OFF, Why.NO_FILE, Why.NO_FOLDER, Why.CONTRADICTED}
    | {Why.VANISHING, Why.HELD}
)


_NOT_MISSING: Final = _NOT_BY_WAITING - {Why.REFUSED, Why.NO_ADDRESS, Why.NO_DOWNLOADER} | {
    Why.ROOT,
    Why.QUIET,
}
"""Where a trailer lies, or what is seen of it is not believed, or the disks are left alone."""


def _order(subject: Subject) -> tuple[bool, bool, int, float, float, int, int]:
    """What found no room is behind all others, as it may be larger than they are."""
    ask, since = subject.ask, subject.wanted_since
    return (
        subject.memory.failure is Failure.NO_SPACE,
        ask is None,
        subject.memory.attempts if ask else 0,
        ask.at.timestamp() if ask else float("inf"),
        -since.timestamp() if since else 0.0,
        subject.memory.attempts,
        -subject.id,
    )


class _Planner:
    def __init__(self, sites: Mapping[str, Site], rules: Rules, now: datetime) -> None:
        self._sites = sites
        self._rules = rules
        self._now = now
        self._folders = set[LocalPath]()
        self._root_of = dict[tuple[str, LocalPath], LocalPath]()
        self._taken = set[bool]()

    def turn(self, subject: Subject) -> Turn:
        if why := self._barred(subject):
            return Turn(subject, address_of(subject), why=why, told=subject.claimed_by)
        url = address_of(subject)
        if url is None:
            return Turn(subject, why=Why.NO_ADDRESS)
        choice = self._rules.choose(url)
        if choice is None:
            return Turn(subject, url, why=Why.NO_DOWNLOADER)
        turn = self._when(Turn(subject, url, choice))
        if turn.why is None:
            here = self._rules.here is None or subject.connection in self._rules.here
            if here in self._taken:
                return turn._replace(why=Why.TURN)
            self._taken.add(here)
            return turn._replace(here=here)
        return turn

    def _barred(self, subject: Subject) -> Why | None:
        """What no waiting changes; of what is asked for by name the disk says whether it has a trailer."""
        asked, memory = subject.ask is not None, subject.memory
        bars = (
            (subject.has_trailer and not asked, Why.HAS_TRAILER),
            (not subject.wanted and not asked, Why.NOT_WANTED),
            (subject.held, Why.HELD),
            (subject.folder is None, Why.NO_FOLDER),
            (subject.has_file is False, Why.NO_FILE),
            (subject.contradicted, Why.CONTRADICTED),
            (subject.vanishing, Why.VANISHING),
            (subject.claimed_by is not None, Why.CLAIMED),
            (subject.connection in self._rules.off and not asked, Why.OFF),
            (memory.stage is Stage.STOPPED, Why.STOPPED),
            (memory.stage is Stage.GIVEN_UP, Why.GIVEN_UP),
            (address_of(subject) in memory.refused, Why.REFUSED),
            (self._is_twin(subject), Why.TWIN),
        )
        return next((why for barred, why in bars if barred), None)

    def _is_twin(self, subject: Subject) -> bool:
        """One trailer for one folder, whoever asks for it."""
        if subject.folder is None or subject.folder in self._folders:
            return subject.folder is not None
        self._folders.add(subject.folder)
        return False

    def _when(self, turn: Turn) -> Turn:
        ask, rules = turn.subject.ask, self._rules
        for why, trouble in self._walls(turn):
            return turn._replace(why=why, until=trouble.until, told=trouble.told)
        if ask is None and rules.preview:
            return turn._replace(why=Why.PREVIEW)
        if ask is not None and ask.now:
            return turn
        for why, until in self._waits(turn):
            if until is None or self._now < until:
                return turn._replace(why=why, until=until)
        return turn

    def _walls(self, turn: Turn) -> Iterable[tuple[Why, Trouble]]:
        """What no hurry gets round."""
        rules, subject = self._rules, turn.subject
        if rules.work:
            yield Why.WORK, rules.work
        if subject.folder and (trouble := rules.troubled.get(self._root(subject))):
            yield Why.ROOT, trouble
        if turn.choice:
            if trouble := rules.rejected.get(turn.choice):
                yield Why.DOWNLOADER, trouble
            site = self._sites.get(turn.choice.site)
            if site and (held := site.wall(self._now)):
                yield Why.BLOCKED, Trouble(site.told or "", held.until)
        if rules.quiet:
            yield Why.QUIET, Trouble("", rules.quiet_until)

    def _waits(self, turn: Turn) -> Iterable[tuple[Why, datetime | None]]:
        """What only spares others."""
        subject, rules = turn.subject, self._rules
        if subject.memory.next_try:
            yield Why.BACK_OFF, subject.memory.next_try
        if subject.wanted_since:
            yield Why.TOO_NEW, subject.wanted_since + SETTLING
        if rules.hours and not rules.hours.hold(self._now):
            yield Why.HOURS, rules.hours.begins_after(self._now)
        site = turn.choice and self._sites.get(turn.choice.site, Site(name=turn.choice.site))
        if site and (held := site.held(rules.pace, self._now)):
            yield Why.QUOTA if held.by == "quota" else Why.PAUSE, held.until

    def _root(self, subject: Subject) -> LocalPath:
        """The root folder that the item's lies in, else its own parent."""
        above = parent(subject.folder or LocalPath("/"))
        key = subject.connection, above
        if key not in self._root_of:
            roots = sorted(self._rules.roots.get(subject.connection, ()), key=len, reverse=True)
            self._root_of[key] = next((root for root in roots if is_below(above, root)), above)
        return self._root_of[key]
