"""The kit's mutations: exactly one thing is wrong with each, and the good record stays good."""

from __future__ import annotations

import copy
from random import Random
from typing import TYPE_CHECKING

from trailarrd.testing.contract import mutation

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORD = {"id": 1, "file": {"path": "a"}, "tags": ["x", "y"], "on": True}


def told(mutants: Iterable[mutation.Mutant]) -> dict[str, object]:
    return {mutant.what: mutant.record for mutant in mutants}


def test_every_place_is_found_and_of_a_list_the_first() -> None:
    found = [mutation.spelled(place) for place in mutation.places(RECORD)]
    assert found == ["id", "file", "file.path", "tags", "tags[0]", "on"]


def test_each_field_is_left_out_once() -> None:
    assert told(mutation.without_a_field(RECORD)) == {
        "id is absent": {"file": {"path": "a"}, "tags": ["x", "y"], "on": True},
        "file is absent": {"id": 1, "tags": ["x", "y"], "on": True},
        "file.path is absent": {"id": 1, "file": {}, "tags": ["x", "y"], "on": True},
        "tags is absent": {"id": 1, "file": {"path": "a"}, "on": True},
        "on is absent": {"id": 1, "file": {"path": "a"}, "tags": ["x", "y"]},
    }


def test_each_place_is_null_once() -> None:
    found = told(mutation.with_null(RECORD))
    assert len(found) == 6
    assert found["tags[0] is null"] == {**RECORD, "tags": [None, "y"]}


def test_each_place_has_a_value_of_each_other_type() -> None:
    of_id = [what for what in told(mutation.with_another_type(RECORD)) if what.startswith("id ")]
    assert of_id[:5] == ["id is null", "id is True", "id is 1.5", "id is 'text'", "id is []"]
    assert "id is 17" not in of_id


def test_zero_and_empty_leave_out_what_is_kept_and_what_is_yes_or_no() -> None:
    found = told(mutation.without_value(RECORD, kept=("id",)))
    assert list(found) == ["file.path is ''", "tags[0] is ''"]


def test_the_same_chance_gives_the_same_mutant_and_never_the_good_record() -> None:
    before = copy.deepcopy(RECORD)
    mutants = [mutation.by_chance(RECORD, Random(seed)) for seed in range(200)]
    assert mutants == [mutation.by_chance(RECORD, Random(seed)) for seed in range(200)]
    assert before == RECORD
    assert len({mutant.what for mutant in mutants}) > 190
