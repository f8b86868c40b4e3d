"""What a refresh has come to before it is applied: a plan, or why there is none."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import structlog

from trailarrd import errors
from trailarrd.domain.plan import RefreshPlan
from trailarrd.domain.quarantine import Quarantine
from trailarrd.domain.report import DoubtedRoot, ErrorKind, Outcome, RefreshError, RefreshReport, kind_of
from trailarrd.domain.roots import RootObservation, RootState
from trailarrd.domain.secret import Redactor

log = structlog.get_logger()

_LOGGED_RECORDS = 5
"""Quarantined records named in the log; the count tells the rest."""

_LOGGED_ROOTS = 20
"""Root folders named in the log that are not trusted; items outside of all may have many."""


@dataclass(frozen=True, slots=True)
class PlannedRefresh:
    """A plan with what was noticed on the way to it."""

    plan: RefreshPlan
    quarantine: Quarantine
    roots: Sequence[RootObservation]
    notes: Sequence[str]
    buffers: ExitStack
    """What the plan lies in."""
    left: int = 0
    """Items that were asked for, of which only the whole library can tell."""

    def close(self) -> None:
        self.buffers.close()

    @property
    def outcome(self) -> Outcome:
        quiet = sum(root.unseen for root in self.roots if root.state is RootState.QUIET)
        unseen = self.plan.unseen > quiet
        gone = self.plan.vanishing > self.plan.misnamed
        lost = gone or unseen or self.elsewhere
        incomplete = self.quarantine.records or self.left or self.plan.held or lost
        return Outcome.PARTIAL if incomplete else Outcome.OK

    @property
    def doubted(self) -> tuple[DoubtedRoot, ...]:
        """The root folders that were not believed, if that made a difference to any item."""
        return tuple(
            DoubtedRoot(root.path, root.state, root.unseen)
            for root in self.roots
            if root.state is not RootState.OK and root.unseen
        )

    @property
    def elsewhere(self) -> tuple[RootObservation, ...]:
        """The root folders of which the disk shows that they are not where the mapping says."""
        return tuple(root for root in self.roots if root.is_elsewhere)

    @property
    def is_baseline(self) -> bool:
        """Whether what this refresh saw can stand for all that was there before mode `new`."""
        return self.plan.fetched > 0 and self.quarantine.all_identified


@dataclass(frozen=True, slots=True)
class RefreshFailure:
    error: RefreshError
    retry_after: float | None = None
    """Seconds that the server asked to be left alone."""


def log_revisit(report: RefreshReport, planned: PlannedRefresh) -> None:
    log.info(
        "revisit.finished",
        connection=report.connection,
        fetched=report.fetched,
        added=report.added,
        updated=report.updated,
        removed=report.removed,
        restored=report.restored,
        left=planned.left,
    )


def log_unwanted(connection: str, items: int) -> None:
    """Of the first refresh that asks for files: told once, and not of each item."""
    if items:
        log.warning(
            "want.no_file",
            connection=connection,
            items=items,
            advice=f"want: {{without_file: true}} for {connection} wants trailers of them again",
        )


def failure_of(error: Exception, connection: str, provider: str, redactor: Redactor) -> RefreshFailure:
    """What an error of the server, of its plugin or of ours means for its connection."""
    if isinstance(error, errors.ProviderError):
        kind, said, retry_after = kind_of(error), str(error), asked_pause(error)
    elif isinstance(error, errors.PluginNotLoadedError):
        kind, said, retry_after = ErrorKind.INTERNAL, str(error), None
    else:
        log.error("refresh.bug", connection=connection, provider=provider, exc_info=error)
        kind, said, retry_after = ErrorKind.INTERNAL, _bug(error), None
    return RefreshFailure(RefreshError(kind, redactor.clean(said)), retry_after)


def asked_pause(error: errors.ProviderError) -> float | None:
    """Seconds that the server asked to be left alone, if the plugin says that in a number."""
    seconds = getattr(error, "retry_after", None)
    return seconds if isinstance(seconds, (int, float)) else None


def _bug(error: Exception) -> str:
    if isinstance(error, errors.PluginError):
        return str(error)
    return f"trailarrd failed: {type(error).__name__}: {error}"


def log_report(report: RefreshReport, planned: PlannedRefresh) -> None:
    """One line for the refresh, and one for each thing that its user should look at."""
    for record in planned.quarantine.records[:_LOGGED_RECORDS]:
        log.warning(
            "record.quarantined",
            connection=report.connection,
            position=record.position,
            arr_id=record.arr_id,
            reason=record.reason,
        )
    quiet = [root for root in report.roots if root.state is RootState.QUIET]
    if quiet:
        log.info("disk.quiet", connection=report.connection, items=sum(root.items for root in quiet))
    for root in [root for root in report.roots if root not in quiet][:_LOGGED_ROOTS]:
        log.warning(
            "root.not_believed",
            connection=report.connection,
            root=root.path,
            state=root.state.value,
            reason=root.state.sentence,
            items=root.items,
        )
    for place in report.elsewhere:
        log.warning(
            "root.elsewhere",
            connection=report.connection,
            root=place.path,
            contradicted=place.contradicted,
            with_file=place.with_file,
            reason=place.contradiction,
        )
    for note in planned.notes:
        log.warning("disk.note", connection=report.connection, note=note)
    log.info(
        "refresh.finished",
        connection=report.connection,
        outcome=report.outcome.value,
        fetched=report.fetched,
        added=report.added,
        updated=report.updated,
        removed=report.removed,
        restored=report.restored,
        held=report.held,
        quarantined=report.quarantined,
        vanishing=report.vanishing,
        duration_s=round(report.duration_s, 3),
    )
