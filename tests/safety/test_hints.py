"""No series of hints, true, late or forged, removes what a list at that moment would have kept.

Before each hint a list is tried as a dry run: what is removed by the hint is among what the list would
remove, and not hold. Beside that, what the hints of an hour remove stays within the removal guard, and what
waits for the user goes on waiting. One exception is no loss: an item that was deleted and added again is
removed by the news of the first, and is itself again with that of the second.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.depth import IS_DEEP
from tests.refresh.conftest import open_world
from tests.refresh.test_deletions import InFront
from tests.safety.test_state_machine import quiet  # noqa: F401  # a fixture
from trailarrd.domain.guard import Guard
from trailarrd.testing import RADARR, Fault, ServerError, WrongApplication
from trailarrd.testing.answers import document

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

ITEMS: Final = 8
GUARD: Final = Guard(max_items=2, max_fraction=0.2)
PROXIES: Final = [
    InFront(instead=document({"message": "not found"}, status=404), arr_id=arr_id)
    for arr_id in range(1, ITEMS + 1)
]
"""Something in front that has its own word about an item, which says nothing of it."""
FAULTS: Final[tuple[Fault | None, ...]] = (*[None] * 8, WrongApplication(), ServerError(), *PROXIES)
some_ids = st.sets(st.integers(1, ITEMS + 4), max_size=3)


class Hints(RuleBasedStateMachine):
    """A server that is changed, and hints about it that come when they like."""

    @initialize()
    def open(self) -> None:
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        home = Path(self.stack.enter_context(_Folder()))
        self.world = self.do(self.stack.enter_async_context(open_world(RADARR, home)))
        self.world.guard = GUARD
        self.library = self.world.shelf.library
        self.world.grow(ITEMS)
        self.most = 0
        self.removed_at: list[datetime] = []
        self.added_again: set[int] = set()
        self.in_silence = False
        """Whether something was deleted since the last list that nobody told of, or that was not settled."""
        self.do(self.world.refresh())
        self.world.now += timedelta(hours=2)

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.do(self.stack.aclose())
            self.runner.close()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    # -- the server -------------------------------------------------------------------------------

    @rule(arr_ids=some_ids)
    def delete(self, arr_ids: set[int]) -> None:
        self.library.delete(*(arr_ids & set(self.library.ids)))
        self.in_silence = True

    @rule(many=st.integers(3, ITEMS - 1), told=st.integers(1, 2))
    def lose_many_and_tell_of_few(self, many: int, told: int) -> None:
        """As a server whose database was exchanged, and somebody who has its token."""
        lost = self.library.ids[:many]
        self.library.delete(*lost)
        self.in_silence = True
        self._hear(set(), set(lost[:told]), None)

    @rule(arr_id=st.integers(1, ITEMS))
    def add_again(self, arr_id: int) -> None:
        if arr_id in self.library:
            self.library.readd(arr_id)
            self.in_silence = True
            self.added_again.add(arr_id)

    @rule()
    def add(self) -> None:
        self.world.shelf.lay(self.library.add()["id"])

    @rule(lost=st.integers(0, 2))
    def set_up_anew(self, lost: int) -> None:
        """With all the ids dealt out anew, so that none has the id that it had, but for some items."""
        self.library.delete(*self.library.ids[:lost])
        self.in_silence = True
        before = self.library.ids
        numbers = self.library.reinstall(first_id=1)
        if any(old == new for old, new in numbers.items()):
            self.library.reinstall(first_id=max(before) + 1)
        self.hear_of_what_the_server_does_not_have(most=1, minutes=0, fault=None)

    @rule(arr_id=st.integers(1, ITEMS))
    def become_unreadable(self, arr_id: int) -> None:
        if arr_id in self.library:
            self.library.replace(arr_id, {"title": "whose is this?"})

    # -- trailarrd --------------------------------------------------------------------------------

    @rule()
    def refresh(self) -> None:
        self.in_silence = self.do(self.world.refresh()).error is not None
        self.added_again &= self.living

    @rule(changed=some_ids, deleted=some_ids, fault=st.sampled_from(FAULTS))
    def hear(self, changed: set[int], deleted: set[int], fault: Fault | None) -> None:
        if changed | deleted:
            self._hear(changed, deleted, fault)

    @rule(arr_id=st.integers(1, ITEMS), fault=st.sampled_from(FAULTS))
    def delete_and_tell(self, arr_id: int, fault: Fault | None) -> None:
        """At once, as a hub does that is heard."""
        self.library.delete(*({arr_id} & set(self.library.ids)))
        self._hear(set(), {arr_id}, fault)

    @rule(most=st.integers(1, 2), minutes=st.sampled_from([0, 1, 61]), fault=st.sampled_from(FAULTS))
    def hear_of_what_the_server_does_not_have(self, most: int, minutes: int, fault: Fault | None) -> None:
        self.world.now += timedelta(minutes=minutes)
        if gone := sorted(self.living - set(self.library.ids)):
            self._hear(set(), set(gone[:most]), fault)

    def _hear(self, changed: set[int], deleted: set[int], fault: Fault | None) -> None:
        held, before = self._arr_ids("held_at IS NOT NULL"), self.living
        listed = self.do(self._kept_by_a_list()) - self.added_again
        self.world.shelf.server.fault = fault
        hint = self.world.refresher().revisit(changed, deleted, heard=not self.in_silence)
        self.in_silence |= not self.do(hint)
        self.world.shelf.server.fault = None
        removed = before - self.living
        assert removed <= deleted, "nothing that nobody called deleted"
        assert not removed & (listed | held)
        if fault is not None:
            assert not removed & ({fault.arr_id} if isinstance(fault, InFront) else before)
        self.removed_at += [self.world.now] * len(removed)
        within = [at for at in self.removed_at if at >= self.world.now - timedelta(hours=1)]
        self.most = max(self.most, len(before))
        assert not removed or not GUARD.holds(len(within), self.most)

    @property
    def living(self) -> set[int]:
        return self._arr_ids("1")

    def _arr_ids(self, which: str) -> set[int]:
        rows = self.world.database.sql(f"SELECT arr_id FROM media WHERE removed_at IS NULL AND {which}")
        return {arr_id for (arr_id,) in rows}

    async def _kept_by_a_list(self) -> set[int]:
        """The arr ids of known items that a list would not remove: all, if it fails."""
        async with self.world.refresher().dry_run() as run:
            if run.plan is None:
                return self.living
            gone = {known.arr_id for known in run.plan.removals}
            return set() if run.quarantined else self.living - gone


class _Folder(TemporaryDirectory[str]):
    """Its path, where a test's own fixture has none to give."""


TestHints = Hints.TestCase
TestHints.settings = settings(
    max_examples=settings().max_examples // 8 if IS_DEEP else 3,
    stateful_step_count=50 if IS_DEEP else 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestHints = pytest.mark.timeout(0)(TestHints)
