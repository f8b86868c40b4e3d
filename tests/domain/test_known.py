"""What is known of a library, packed and unpacked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.known import Known, KnownItems, Selection
from trailarrd.domain.monitoring import MonitorReason, TrailerState
from trailarrd.refresh.library import IntSet

NUMBER = st.integers(-(2**63), 2**63 - 1)
KNOWN = st.builds(
    Known,
    id=st.integers(1, 2**63 - 1),
    arr_id=st.integers(1, 2**63 - 1),
    fingerprint=st.binary(min_size=16, max_size=16),
    trailer=st.sampled_from(TrailerState),
    trailer_hash=NUMBER,
    intent=st.sampled_from([None, False, True]),
    monitored=st.booleans(),
    monitor_reason=st.sampled_from(MonitorReason),
    first_refresh=st.integers(1, 2**63 - 1),
    removed=st.booleans(),
    identity=NUMBER,
    folder=NUMBER,
    held=st.booleans(),
    signature=st.just(b"") | st.binary(min_size=10, max_size=10).filter(any),
)


def known(number: int, arr_id: int, *, removed: bool = False, held: bool = False) -> Known:
    return Known(
        id=number,
        arr_id=arr_id,
        fingerprint=bytes(16),
        trailer=TrailerState.ABSENT,
        trailer_hash=0,
        identity=0,
        folder=0,
        signature=b"",
        intent=None,
        monitored=True,
        monitor_reason=MonitorReason.MODE_MISSING,
        first_refresh=1,
        removed=removed,
        held=held,
    )


@given(st.lists(KNOWN, max_size=5))
def test_what_is_packed_comes_back_whole(items: list[Known]) -> None:
    packed = KnownItems(items)
    assert sorted(packed, key=str) == sorted(items, key=str)
    assert len(packed) == len(items)
    assert packed.living == sum(not one.removed for one in items)


def test_an_item_costs_less_than_a_hundred_bytes() -> None:
    import sys

    packed = KnownItems(known(number, number) for number in range(1, 5001))
    held = sum(sys.getsizeof(value) for value in vars(packed).values())
    assert held / 5000 < 110, "with the room that arrays keep for further ones"


def test_an_arr_id_means_the_listed_item_then_a_held_one_and_never_a_removed_one() -> None:
    items = KnownItems(
        [
            *(known(1, 7, removed=True), known(2, 7, held=True), known(3, 7)),
            *(known(4, 8, removed=True), known(5, 8, held=True)),
            known(6, 9, removed=True),
        ]
    )
    found = {arr_id: items.find(arr_id) for arr_id in (6, 7, 8, 9, 10)}
    assert {arr_id: row if row is None else items[row].id for arr_id, row in found.items()} == {
        6: None,
        7: 3,
        8: 5,
        9: None,
        10: None,
    }
    assert [items[row].id for row in items.held] == [2, 5]


def test_a_selection_unpacks_only_its_own() -> None:
    items = KnownItems(known(n, n) for n in (1, 2, 3))
    chosen = Selection(items, [2, 0])
    assert [one.id for one in chosen] == [3, 1]
    assert (len(chosen), items[0] in chosen, items[1] in chosen) == (2, True, False)


@given(st.lists(st.integers(-300, 300) | NUMBER))
def test_numbers_are_a_set(numbers: list[int]) -> None:
    ours, plain = IntSet(), set[int]()
    for number in numbers:
        assert ours.add(number) is (number not in plain)
        plain.add(number)
    assert [not ours.add(number) for number in range(-300, 301)] == [
        number in plain for number in range(-300, 301)
    ]
