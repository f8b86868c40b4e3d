"""What may happen: where the documents leave open what should come of it, it does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.safety.answer import Answer
    from tests.safety.model import Model
    from tests.safety.stage import Stage, Thing


def is_known(model: Model, thing: Thing) -> bool:
    return thing.title in model.rows


def keeps_its_identity(stage: Stage, model: Model, thing: Thing) -> bool:
    """Whether it can be known by its id elsewhere, so that its folder may change."""
    if not is_known(model, thing):
        return True
    others = {one.identity for one in stage.things.values() if one is not thing}
    others |= {row.values["identity"] for row in model.rows.values() if row.title != thing.title}
    stored = model.rows[thing.title].values["identity"]
    return thing.identity == stored and thing.identity not in {0, *others}


def keeps_its_folder(model: Model, thing: Thing) -> bool:
    """Whether it can be known by its folder, so that its id elsewhere may change."""
    return not is_known(model, thing) or model.rows[thing.title].values["remote_path"] == thing.path


def can_be_told_apart(stage: Stage, model: Model, answer: Answer) -> bool:
    """Whether the documents say which row each item and each unreadable record means."""
    if any(_collides(model, thing) for thing in stage.things.values() if thing.listed):
        return False
    held = Counter(row.arr_id for row in model.held)
    free = {row.arr_id for row in model.living if not row.held_at}
    return not any(held[arr_id] > 1 and arr_id not in free for arr_id in answer.unreadable)


def _collides(model: Model, thing: Thing) -> bool:
    """Whether it has an arr id or an id elsewhere that could mean another row as well."""
    others = [row for row in model.rows.values() if row.title != thing.title]
    shared = thing.identity != 0 and any(thing.identity == row.values["identity"] for row in others)
    if is_known(model, thing):
        mine = model.rows[thing.title]
        found = mine.living and mine.arr_id == thing.arr_id
        return shared and mine.values["identity"] != thing.identity and not found
    anyone = any(
        row.arr_id == thing.arr_id and 0 in (row.values["identity"], thing.identity) for row in others
    )
    return shared or anyone
