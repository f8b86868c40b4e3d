"""What is so of one item after a refresh: what is known of it, a look at its folder, and the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trailarrd.domain.known import Known, Vanishing
from trailarrd.domain.monitoring import Decision, TrailerState, decide

if TYPE_CHECKING:
    from trailarrd.domain.plan import Item, Observation, Rules


class Judged(NamedTuple):
    """What is so of one item after a refresh, as far as anybody knows."""

    trailer: TrailerState
    decision: Decision
    contradicted: bool
    """The server says that it has the item's own file, and its folder does not show it."""
    vanishing: Vanishing
    first_refresh: int
    exclusion: str | None
    """The mark of why it is not wanted at all."""


def judge(
    item: Item, seen: Observation | None, known: Known | None, rules: Rules, *, held: bool = False
) -> Judged:
    """Whether it has a trailer as far as anybody knows, and what follows from that.

    A look that showed nothing keeps the last known state, and so does one at a trailer that no longer
    counts. Where the item's own file should be and is not, it proves nothing that a trailer is not there;
    nor where its root folder is not the right one.
    `held`: that it is gone is not believed.
    """
    contradicted = _is_contradicted(item, seen, known)
    proves_nothing = contradicted or (seen is not None and seen.own_file is False)
    before = known.trailer if known else TrailerState.UNKNOWN
    shown = seen is not None and (seen.tells or known is None)
    trailer = seen.trailer if seen is not None and shown else before
    if proves_nothing and trailer is TrailerState.ABSENT:
        trailer = TrailerState.PRESENT if before is TrailerState.PRESENT else TrailerState.UNKNOWN
    vanishing = Vanishing.NO
    if known and before is TrailerState.PRESENT and not proves_nothing:
        vanishing = _vanishing(seen, known, held=held)
    if vanishing:
        trailer = TrailerState.PRESENT
    exclusion, first_refresh = rules.exclusion_of(item), _first_refresh(item, known, rules)
    mark = exclusion and exclusion.mark
    if known and seen and not shown and contradicted is known.contradicted:
        decision = Decision(known.monitored, known.monitor_reason)
        return Judged(trailer, decision, contradicted, vanishing, first_refresh, mark)
    decision = decide(
        trailer=trailer,
        intent=known.intent if known else None,
        mode=rules.mode,
        monitored_remotely=item.media.monitored_remotely,
        is_new=rules.is_new(first_refresh),
        contradicted=contradicted,
        exclusion=exclusion,
    )
    return Judged(trailer, decision, contradicted, vanishing, first_refresh, mark)


def _first_refresh(item: Item, known: Known | None, rules: Rules) -> int:
    """Its first file makes an item new once more; that the server says of files at all does not."""
    if known is None:
        return rules.first_refresh_of(item.media.arr_id)
    return rules.refresh if item.media.has_file and known.had_file is False else known.first_refresh


def _vanishing(seen: Observation | None, known: Known, *, held: bool) -> Vanishing:
    """Of an item with a trailer as far as is known: where nobody can tell, it stays as it was."""
    if seen is None or seen.trailer is TrailerState.UNKNOWN:
        return known.vanishing
    if seen.counted_before:
        return Vanishing.MISNAMED
    return Vanishing.GONE if held and seen.trailer is TrailerState.ABSENT else Vanishing.NO


def _is_contradicted(item: Item, seen: Observation | None, known: Known | None) -> bool:
    """Whether it is so now, or was so when somebody could tell last."""
    if not item.media.has_file:
        return False
    if seen is None or seen.own_file is None:
        return known is not None and known.contradicted
    return not seen.own_file
