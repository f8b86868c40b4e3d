"""Records that nobody thought of, by the kit's own mutations: none is lost, and none does harm."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import settings

import trailarrd_radarr
import trailarrd_sonarr
from tests.depth import IS_DEEP
from trailarrd.plugin import Media
from trailarrd.testing import RADARR, SONARR
from trailarrd.testing.contract.mutation import by_chance
from trailarrd.testing.contract.trial import Refused, Trial

if TYPE_CHECKING:
    from trailarrd.testing import Dialect

EXAMPLES: Final = settings().max_examples
"""A few dozen in a normal run, thousands in `./dev deep`."""

pytestmark = [pytest.mark.deep, pytest.mark.timeout(0 if IS_DEEP else 60)]

PLUGINS = [(trailarrd_radarr, RADARR), (trailarrd_sonarr, SONARR)]


@pytest.mark.parametrize(("plugin", "dialect"), PLUGINS, ids=["radarr", "sonarr"])
def test_no_mutation_of_a_record_is_lost_or_does_harm(plugin: Any, dialect: Dialect) -> None:
    seed = random.SystemRandom().getrandbits(32)
    chance = random.Random(seed)
    (provider,) = plugin.trailarrd_providers()
    trial = Trial(provider=provider, dialect=dialect)
    ends: set[type[object]] = set()
    for number in range(max(EXAMPLES // 100, 1)):
        mutants = [by_chance(chance.choice(trial.samples), chance) for _ in range(400)]
        listed = [mutant.record for mutant in mutants]
        records = trial.decoded(listed, when=f"only records are broken (seed {seed}, batch {number})")
        for mutant, record in zip(mutants, records, strict=True):
            media = trial.parse(record)
            assert trial.parse(record) == media, f"seed {seed}: {mutant.what}"
            ends.add(type(media))
    assert ends == {Media, Refused}
