"""The parser again: whenever, wherever and in whatever order."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from trailarrd.plugin import BrokenRecord
from trailarrd.testing.contract import mutation
from trailarrd.testing.contract.clock import another_time
from trailarrd.testing.contract.elsewhere import made, made_elsewhere
from trailarrd.testing.contract.verdict import require

if TYPE_CHECKING:
    from trailarrd.testing.contract.mutation import Mutant
    from trailarrd.testing.contract.trial import Trial

_TIMES: Final = 3
_MOST: Final = 300
_WHY: Final = "every difference is written to the database and to the history as a change on the server"


class PurityChecks:
    """Purity: the same Media from the same record, whenever and wherever it is parsed."""

    def test_the_parser_is_pure(self, trial: Trial) -> None:
        """The same record, whole or not, gives the same Media, whatever was parsed before."""
        told, records = _records(trial)
        parser = trial.provider.parser
        first = [made(parser, record) for record in records]
        for _ in range(_TIMES):
            again = [made(parser, record) for record in reversed(records)][::-1]
            require(
                first == again,
                f"the same record, parsed again, gives another Media{_when(told, first, again)}",
                do="use nothing but the record: no chance, and nothing kept from one to the next",
                why=_WHY,
            )

    def test_the_parser_knows_no_clock(self, trial: Trial) -> None:
        """The same record, whole or not, gives the same Media a year later."""
        told, records = _records(trial)
        parser = trial.provider.parser
        now = [made(parser, record) for record in records]
        with another_time(getattr(parser, "__module__", "")):
            later = [made(parser, record) for record in records]
        require(
            now == later,
            f"a year later the same record gives another Media{_when(told, now, later)}",
            do="take no date and no time but the record's; leave out what it does not say",
            why=_WHY,
        )

    def test_the_parser_is_the_same_in_another_process(self, trial: Trial) -> None:
        """The same record gives the same Media by another hash seed, in another time zone."""
        told, records = _records(trial)
        parser = trial.provider.parser
        here = [made(parser, record) for record in records]
        there = made_elsewhere(parser, records) or _with_another_hash(parser, records)
        require(
            here == there,
            f"in another process the same record gives another Media{_when(told, here, there)}",
            do="use no hash(), no id(), no order of a set, no local time: hashlib and sorted() never differ",
            why="after each restart " + _WHY,
        )


def _records(trial: Trial) -> tuple[list[str], list[Any]]:
    """The samples, and what is left of them when something is absent, null, 0 or empty."""
    mutants = list(islice(_mutants(trial), _MOST))
    decoded = trial.decoded(
        [mutant.record for mutant in mutants], when="only some fields of its records are unknown"
    )
    pairs = zip(mutants, decoded, strict=True)
    kept = [(mutant.what, record) for mutant, record in pairs if not isinstance(record, BrokenRecord)]
    return [what for what, _ in kept], [record for _, record in kept]


def _mutants(trial: Trial) -> Iterator[Mutant]:
    for sample in trial.samples[:12]:
        yield mutation.Mutant("nothing is wrong with it", sample)
    for sample in trial.samples[:2]:
        yield from mutation.without_a_field(sample)
        yield from mutation.with_null(sample)
        yield from mutation.without_value(sample, kept=("id",))


def _with_another_hash(parser: Any, records: Sequence[Any]) -> list[object]:
    """For a parser that is defined within a function and so cannot be taken to another process."""
    real = hash
    with patch.object(builtins, "hash", lambda value: real((real(value), "elsewhere"))):
        return [made(parser, record) for record in records]


def _when(told: Sequence[str], one: Sequence[object], other: Sequence[object]) -> str:
    triples = zip(told, one, other, strict=False)
    return next((f", when {what}: {left} and {right}" for what, left, right in triples if left != right), "")
