"""Which of several daemons works at which connection: fair, with as few moves as may be, alike for all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.sharing import Peer, Seat, rules_in_force, shared_out

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def peer(name: str, serves: str, holds: str = "", *, age: int = 0, rule: str = "r") -> Peer:
    """A daemon that may work at the connections `serves`, one letter each, and is at `holds`."""
    return Peer(
        id=name,
        host="nas",
        holder=name,
        since=NOON - timedelta(minutes=age),
        rules=dict.fromkeys(serves, rule),
        seats={one: Seat(since=NOON) for one in holds},
    )


def shared(*peers: Peer) -> dict[str, str]:
    """By each daemon's name its connections, as letters."""
    owners = shared_out({one.id: one for one in peers})
    return {one.id: "".join(sorted(name for name in owners if owners[name] == one.id)) for one in peers}


def test_one_alone_has_all() -> None:
    assert shared(peer("a", "123")) == {"a": "123"}


def test_who_comes_gets_a_half_and_nothing_else_moves() -> None:
    assert shared(peer("a", "1234", "1234"), peer("b", "1234")) == {"a": "34", "b": "12"}


def test_of_an_odd_one_nobody_need_give() -> None:
    assert shared(peer("a", "123", "12"), peer("b", "123", "3")) == {"a": "12", "b": "3"}
    assert shared(peer("a", "1", "1"), peer("b", "1")) == {"a": "1", "b": ""}


def test_what_is_left_by_one_that_died_goes_to_who_has_least() -> None:
    assert shared(peer("a", "123456", "12"), peer("b", "123456", "34")) == {"a": "125", "b": "346"}


def test_nobody_gets_what_its_host_does_not_see() -> None:
    assert shared(peer("a", "12", "12"), peer("b", "3", "3"), peer("c", "")) == {"a": "12", "b": "3", "c": ""}


def test_who_gives_one_away_is_given_another_one() -> None:
    found = shared(peer("a", "12345", "123"), peer("b", "12345", "45"), peer("c", "45"))
    assert found == {"a": "23", "b": "15", "c": "4"}


def test_whose_configuration_says_other_things_gets_nothing_of_it() -> None:
    assert shared(peer("a", "12", "1"), peer("b", "12", rule="other")) == {"a": "12", "b": ""}


def test_the_word_of_who_works_at_it_counts_and_else_that_of_the_eldest() -> None:
    old, new = peer("old", "12", age=5), peer("new", "12", "1", rule="other")
    force = rules_in_force({one.id: one for one in (old, new)})
    assert {name: told.id for name, (_, told) in force.items()} == {"1": "new", "2": "old"}
    assert shared(old, new) == {"old": "2", "new": "1"}


@given(st.lists(st.frozensets(st.sampled_from("12345678")), min_size=1, max_size=5), st.data())
def test_it_is_fair_and_stays_so(serves: list[frozenset[str]], data: st.DataObject) -> None:
    names = sorted(frozenset().union(*serves))
    held = {
        name: data.draw(st.sampled_from([i for i, some in enumerate(serves) if name in some]))
        for name in names
    }
    free = data.draw(st.frozensets(st.sampled_from(names))) if names else frozenset()

    def peers(owners: dict[str, str]) -> dict[str, Peer]:
        found = [
            peer(str(i), "".join(some), "".join(name for name, owner in owners.items() if owner == str(i)))
            for i, some in enumerate(serves)
        ]
        return {one.id: one for one in found}

    owners = shared_out(peers({name: str(owner) for name, owner in held.items() if name not in free}))
    assert owners.keys() == set(names), "each is somebody's"
    load = Counter(owners.values())
    for name, owner in owners.items():
        assert name in serves[int(owner)]
        assert all(load[owner] - load[str(i)] <= 1 for i, some in enumerate(serves) if name in some)
    assert shared_out(peers(owners)) == owners, "nothing moves any more"
