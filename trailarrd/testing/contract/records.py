"""Records that are not as they should be: each is one record's trouble, and nobody else's."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from trailarrd.plugin import BrokenRecord, Media
from trailarrd.testing.contract import mutation
from trailarrd.testing.contract.long_list import SEVERAL, LongList, borders
from trailarrd.testing.contract.mutation import Mutant
from trailarrd.testing.contract.trial import Refused, Trial
from trailarrd.testing.contract.verdict import fail, require
from trailarrd.testing.draft import Record

_NO_RECORDS: Final[tuple[object, ...]] = (None, True, 17, "a string", [], {}, [[]])


class RecordChecks:
    """Records: absent, null, wrong-typed and unknown fields."""

    def test_every_sample_becomes_its_media(self, trial: Trial) -> None:
        """Each sample record becomes a Media with the record's own id, title and folder."""
        fields = trial.dialect.fields
        for sample, media in zip(trial.samples, trial.parsed(trial.samples), strict=True):
            if isinstance(media, Refused):
                fail(
                    f"sample record {sample['id']} cannot be read: {media.reason}",
                    do="give a default to what may be absent, and leave out of the Media what is 0 or empty",
                    why="this is what a real server lists",
                )
            told = (sample["id"], sample[fields.title], sample[fields.path])
            require(
                (media.arr_id, media.title, media.path) == told,
                f"the record says {told}, the Media {(media.arr_id, media.title, media.path)}",
                do="take arr_id, title and path from the record as they are",
                why="items are known by their id, and found on disk by their folder",
            )

    def test_an_absent_field_is_one_records_trouble(self, trial: Trial) -> None:
        """A record that lacks a field becomes a Media or is quarantined, and the others come."""
        _each_alone(trial, mutation.without_a_field)

    def test_a_null_is_one_records_trouble(self, trial: Trial) -> None:
        """A record with a null becomes a Media or is quarantined, and the others come."""
        _each_alone(trial, mutation.with_null)

    def test_a_wrong_type_is_one_records_trouble(self, trial: Trial) -> None:
        """A record with a value of a wrong type becomes a Media or is quarantined, and the others come."""
        _each_alone(trial, mutation.with_another_type)

    def test_a_broken_record_is_known_by_its_id(self, trial: Trial) -> None:
        """A record that cannot be decoded is a `BrokenRecord` with the record's id, if that can be read."""
        title = trial.dialect.fields.title
        broken = {**trial.samples[0], "id": 4711, title: [17]}
        (record,) = trial.decoded([broken], when=f"only one record's {title} is no text")
        require(
            not isinstance(record, BrokenRecord) or record.arr_id == 4711,
            f"the record's id is 4711, and this is made of it: {record}",
            do="yield BrokenRecord(position=…, arr_id=the record's id, reason=…)",
            why="without its id it could be any item, and so none of the connection's items can be removed",
        )

    def test_a_refused_record_is_known_by_its_id(self, trial: Trial) -> None:
        """A record that the parser refuses has the item's id as `id`: an attribute, or the key of a dict."""
        fields = trial.dialect.fields
        for name in (fields.title, fields.path):
            (record,) = trial.decoded([{**trial.samples[0], "id": 4711, name: ""}])
            if isinstance(record, BrokenRecord) or not isinstance(trial.parse(record), Refused):
                continue
            known = record.get("id") if isinstance(record, dict) else getattr(record, "id", None)
            require(
                type(known) is int and known == 4711,
                f"the parser refuses a record whose {name} is empty, and its id (4711) is {known!r}",
                do="call the field `id` in your record type, and leave it an integer",
                why="without its id it could be any item, and so no item of the connection can be removed",
            )

    def test_a_broken_record_says_where_it_stood(self, trial: Trial) -> None:
        """Of a list of several batches each broken record comes at its place, with that as its `position`."""
        border, *_ = borders(trial, LongList(trial))
        wanted = sorted({0, border - 1, border, SEVERAL - 1})
        broken = {place: {**trial.samples[0], "id": place + 1, "path": [17]} for place in wanted}
        broken = {place: {**one, trial.dialect.fields.title: [17]} for place, one in broken.items()}
        with trial.server(LongList(trial, instead=broken)) as server:
            records = trial.records(server, when="only four of its records are broken")
        found = [(place, one.position) for place, one in enumerate(records) if isinstance(one, BrokenRecord)]
        require(
            len(records) == SEVERAL and (not found or found == [(place, place) for place in wanted]),
            f"of {SEVERAL} items, those at {wanted} are broken; {len(records)} came, and of the broken ones"
            f" place and position are {found}",
            do="count the items of the answer from 0, over all batches, and yield a broken one in its place",
            why="the user looks for the record in what the server lists",
        )

    def test_what_is_no_record_is_one_records_trouble(self, trial: Trial) -> None:
        """A null, a number, a string or a list in place of a record is quarantined, and the others come."""
        _others_come(trial, [Mutant(f"it is {value!r}", value) for value in _NO_RECORDS], readable=False)

    def test_an_unknown_field_is_skipped(self, trial: Trial) -> None:
        """Fields that the provider has never heard of change nothing."""
        news = {"newInVersion99": {"deep": [1, None, {"id": 5}]}, "releaseDates": None, "": ""}
        newer = [{**news, **sample, "zz": [[]]} for sample in trial.samples]
        usual = trial.parsed(trial.samples)
        seen = trial.parsed(newer, when="its records only have a few more fields")
        require(
            usual == seen,
            f"new fields in a record change what is read: {_first_difference(usual, seen)}",
            do="decode the fields that you need and skip the rest: no forbid_unknown_fields, no **record",
            why="every new version of an application has new fields",
        )

    def test_a_field_that_is_left_out_costs_no_item(self, trial: Trial) -> None:
        """A record that has only id, title, folder and the monitored flag is enough for a Media."""
        sample = trial.samples[0]
        least = {name: value for name, value in sample.items() if name in _needed(trial)}
        mutants = [
            mutant for mutant in mutation.without_a_field(sample) if mutant.record.keys() >= least.keys()
        ]
        self._must_be_read(
            trial,
            [*mutants, Mutant(f"all but {', '.join(least)} is absent", least)],
            do="give every field but id, title and path a default, and tell Media nothing of what is unknown",
            why="the servers leave out what they do not know",
        )

    def test_zero_and_empty_mean_unknown(self, trial: Trial) -> None:
        """0 and the empty string, in any field but id, title and folder, do not cost the item."""
        fields = trial.dialect.fields
        self._must_be_read(
            trial,
            mutation.without_value(trial.samples[0], kept=("id", fields.title, fields.path)),
            do="leave out what is 0 or empty: `year=record.year or None`",
            why="that is how the servers say that they do not know; Media refuses such values",
        )

    def test_nothing_is_invented(self, trial: Trial) -> None:
        """A record without id, title or folder is quarantined; the provider makes up none of them."""
        for name in _needed(trial)[:3]:
            rest = {key: value for key, value in trial.samples[0].items() if key != name}
            for what, record in (
                ("absent", rest),
                ("null", {**rest, name: None}),
                ("empty", {**rest, name: ""}),
            ):
                (seen,) = trial.parsed([record], when=f"only one record's {name} is {what}")
                require(
                    isinstance(seen, Refused) or (name != "id" and _is_told(seen, rest)),
                    f"{name} is {what}, and the provider makes this of it: {seen}",
                    do=f"let the record be quarantined when it has no {name}: no default, no `or 'unknown'`",
                    why="an invented id or folder may be another item's, with another item's trailers",
                )

    def _must_be_read(self, trial: Trial, mutants: Iterable[Mutant], *, do: str, why: str) -> None:
        broken = _numbered(list(mutants))
        listed = [mutant.record for mutant in broken]
        seen = trial.parsed(listed, when="only some fields of its records are unknown")
        for mutant, media in zip(broken, seen, strict=True):
            if isinstance(media, Refused):
                fail(f"a record cannot be read when {mutant.what}: {media.reason}", do=do, why=why)


def _each_alone(trial: Trial, mutate: Callable[[Record], Iterator[Mutant]]) -> None:
    _others_come(trial, list(mutate(trial.samples[0])))


def _others_come(trial: Trial, mutants: Sequence[Mutant], *, readable: bool = True) -> None:
    """Lists good and bad records in turn: each good one must come, and no bad one may vanish."""
    good = [trial.library(1).record(1) for _ in mutants]
    mixed = [record for pair in zip(good, (m.record for m in mutants), strict=True) for record in pair]
    seen = trial.parsed(mixed, when=f"only some of its records are broken, such as: {mutants[0].what}")
    for position, mutant in enumerate(mutants):
        require(
            isinstance(seen[2 * position], Media),
            f"a good record is refused beside one of which {mutant.what}: {seen[2 * position]}",
            do="decode and parse each record by itself",
            why="one broken record must not stop the others",
        )
        require(
            readable or isinstance(seen[2 * position + 1], Refused),
            f"the provider makes this of a list item of which {mutant.what}: {seen[2 * position + 1]}",
            do="yield a BrokenRecord for it, or let the parser raise",
            why="an item that is on no server would be in the database",
        )


def _needed(trial: Trial) -> tuple[str, ...]:
    """The fields that no record can do without."""
    fields = trial.dialect.fields
    return ("id", fields.title, fields.path, fields.monitored)


def _is_told(media: Media, record: Record) -> bool:
    """Whether title and folder stand in the record somewhere, if only in other fields than usual."""
    told = mutation.values(record)
    return media.title in told and media.path in told


def _numbered(mutants: list[Mutant]) -> list[Mutant]:
    """Each with an id of its own, as no server lists one twice."""
    return [Mutant(mutant.what, {**mutant.record, "id": number}) for number, mutant in enumerate(mutants, 1)]


def _first_difference(one: Sequence[object], other: Sequence[object]) -> str:
    pairs = zip(one, other, strict=False)
    return next((f"{left} became {right}" for left, right in pairs if left != right), "their number")
