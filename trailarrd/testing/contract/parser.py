"""The parser: total, quick, and true to the record."""

import copy
import re
from collections.abc import Sequence
from random import Random
from typing import Final

from trailarrd.plugin import Media
from trailarrd.testing.contract import mutation
from trailarrd.testing.contract.forbidden import outside_world_forbidden
from trailarrd.testing.contract.measure import own_seconds
from trailarrd.testing.contract.trial import Refused, Trial
from trailarrd.testing.contract.verdict import fail, require
from trailarrd.testing.draft import Record

_ROUNDS: Final = 300
_SLOW: Final = 2.0
"""Seconds for one record: a thousand times more than any parser needs."""
_SLOW_IN_ALL: Final = 0.002
"""Seconds for each of many: a hundred times more."""

_PATHS: Final = (
    "/media/Some Folder (2001)",
    "D:\\Media\\Some Folder (2001)",
    "d:/media/Some Folder",
    "\\\\nas\\media\\Some Folder",
    "/media/Back\\slash & [tags] {id-1}",
    "/media//twice/./and/../back",
    "/media/With a slash at its end/",
    "/media/Space at its end ",
    "/MEDIA/Upper and lower",
    "/media/100%25 $HOME, ~ &amp; %20",
)
_TITLES: Final = (
    " two  Spaces, and Around ",
    "all small",
    "ALL LARGE",
    "the Article, The",
    "Dots... (2001) [x]",
    "Tom &amp; Jerry: A_b – 100%25 #1",
)
_UNKNOWN: Final = frozenset({"0", "-1", "None", "null", "none", "False", "nan", "[]", "{}"})
"""What becomes of nothing, if it is made a text."""
_BARE: Final = re.compile(r"[A-Za-z0-9_-]{6,20}")


class ParserChecks:
    """Parser: from a record to a Media, and nothing else."""

    def test_the_parser_leaves_the_record_alone(self, trial: Trial) -> None:
        """Parsing changes nothing in the record."""
        for record in trial.decoded(trial.samples):
            before = copy.deepcopy(record)
            comparable = before == record
            trial.parse(record)
            require(
                before == record or not comparable,
                f"parsing changed a record: {str(before)[:200]} became {str(record)[:200]}",
                do="read from the record only: no pop, no setdefault, no assignment",
                why="a record may be parsed again",
            )

    def test_the_parser_does_no_io(self, trial: Trial) -> None:
        """Parsing touches neither files nor network."""
        records = trial.decoded(trial.samples)
        with outside_world_forbidden() as touched:
            for record in records:
                trial.parse(record)
        require(
            not touched,
            f"the parser used {', '.join(sorted(set(touched)))}",
            do="return what the record says; mapping the path and looking at the disk are done by the core",
            why="the path is the server's, not this host's, and one share that hangs would stop everything",
        )

    def test_the_parser_is_total(self, trial: Trial) -> None:
        """Whatever is in a record, the parser returns a Media or raises an Exception, and is quick."""
        mutants = [mutant for sample in trial.samples[:2] for mutant in mutation.with_a_hostile_value(sample)]
        random = Random(20_011_114)
        mutants += [mutation.by_chance(random.choice(trial.samples), random) for _ in range(_ROUNDS)]
        records = trial.decoded([mutant.record for mutant in mutants], when="only single records are broken")
        in_all = 0.0
        for mutant, record in zip(mutants, records, strict=True):
            begun = own_seconds()
            ended = _ended(trial, record)
            require(
                ended is None,
                f"the parser raised {ended} when {mutant.what}",
                do="raise ValueError, or let the decoder's own error through",
                why="what is no Exception ends the daemon",
            )
            took = own_seconds() - begun
            in_all += took
            require(
                took < _SLOW,
                f"the parser took {took:.1f} s when {mutant.what}",
                do="look for a regular expression that backtracks, or a loop over a value of the record",
                why="nothing else runs meanwhile",
            )
            require(
                in_all < _SLOW_IN_ALL * len(mutants),
                f"the parser took {in_all:.1f} s for less than {len(mutants)} records",
                do="wait for nothing there, and make once what all records need: no sleep, no compiling anew",
                why="a library has tens of thousands of records, and nothing else runs meanwhile",
            )

    def test_the_monitored_flag_is_the_servers(self, trial: Trial) -> None:
        """`monitored_remotely` is what the record says, in both directions."""
        name = trial.dialect.fields.monitored
        for flag in (True, False):
            (media,) = _media(trial, [{**trial.samples[0], name: flag}])
            require(
                media.monitored_remotely is flag,
                f"the record says {name}: {flag}, the Media {media.monitored_remotely}",
                do=f"take monitored_remotely from it; if the application has another word for {name}, "
                'tell Dialect.from_samples: monitored="…"',
                why="in the mode `sync` trailarrd does what the server says",
            )

    def test_what_tells_of_no_file_is_no_witness(self, trial: Trial) -> None:
        """A record that says nothing of the item's own file gives `has_file` None: neither yes nor no."""
        fields, sample = trial.dialect.fields, trial.samples[0]
        needed = ("id", fields.title, fields.path, fields.monitored)
        rest = [name for name in sample if name not in needed]
        least = {name: sample[name] for name in needed if name in sample}
        for what, value in (("absent", None), ("null", None), ("an empty object", {})):
            others: dict[str, object] = {} if what == "absent" else dict.fromkeys(rest, value)
            (media,) = trial.parsed([{**least, **others}], when=f"one record's other fields are {what}")
            require(
                isinstance(media, Refused) or media.has_file is None,
                f"all but {', '.join(least)} is {what}, and has_file is {getattr(media, 'has_file', None)}",
                do="take has_file from what the server says of files, None where it says nothing: no bool(…)",
                why="a yes makes the folder's silence a contradiction, a no takes the item's witness away",
            )

    def test_paths_of_every_style_are_left_as_they_are(self, trial: Trial) -> None:
        """A folder is the server's text, POSIX, Windows or UNC, without any change."""
        name = trial.dialect.fields.path
        records = [{**trial.samples[0], "id": number, name: path} for number, path in enumerate(_PATHS, 1)]
        for path, media in zip(_PATHS, _media(trial, records), strict=True):
            require(
                media.path == path,
                f"the server's folder {path} became {media.path}",
                do="path=RemotePath(record.path): no pathlib, no normpath, no replacing of backslashes",
                why="path mappings are written in the server's words, and the core knows both styles",
            )

    def test_titles_are_left_as_they_are(self, trial: Trial) -> None:
        """A title is the server's text: its spaces, its case and its articles."""
        name = trial.dialect.fields.title
        records = [{**trial.samples[0], "id": number, name: title} for number, title in enumerate(_TITLES, 1)]
        for title, media in zip(_TITLES, _media(trial, records), strict=True):
            require(
                media.title == title,
                f"the server's title {title!r} became {media.title!r}",
                do="title=record.title: no strip(), no title(), no unescape(), nothing cut off",
                why="users search for what their server shows",
            )

    def test_the_main_file_is_relative(self, trial: Trial) -> None:
        """`main_file`, if there is one, is below the item's folder and does not begin with it."""
        for media in _media(trial, trial.samples):
            told = media.main_file
            require(
                told is None or _is_below(told, media.path),
                f"the main file of {media.path} is {told}",
                do="take the file's relativePath, or leave main_file out",
                why="what is there is never taken for a trailer; a path from elsewhere protects nothing",
            )

    def test_the_youtube_id_is_bare(self, trial: Trial) -> None:
        """`youtube_trailer_id`, if there is one, is an id and no address."""
        for media in _media(trial, trial.samples):
            told = media.youtube_trailer_id
            require(
                told is None or _BARE.fullmatch(told),
                f"youtube_trailer_id of {media.title} is {told!r}",
                do="give what stands after v=, such as dQw4w9WgXcQ, or leave it out",
                why="the address is made of it where it is shown",
            )

    def test_the_identity_is_the_servers(self, trial: Trial) -> None:
        """The identity is the text of the dialect's `identity` field, whatever else is in the record."""
        identity, field = trial.provider.identity, trial.dialect.identity
        if identity is None:
            return
        require(
            field,
            f"the provider tells items apart by {identity!r}, and the dialect has no field for that",
            do='tell the dialect: Dialect.from_samples(…, identity="foreignArtistId")',
            why="the kit compares the identity with what the server says",
        )
        fields, sample = trial.dialect.fields, _known(trial, field)
        for changes in _changes(sample, field, fields.title, fields.path):
            record = {**sample, **changes}
            (media,) = _media(trial, [record])
            require(
                media.external_ids.get(identity) == str(record[field]),
                f"{field} is {record[field]!r}, and {identity} among external_ids"
                f" {media.external_ids.get(identity)!r} (of {media.title!r}, id {media.arr_id})",
                do=f"take {identity} from {field}, as text: neither the title, nor the id, nor a hash",
                why="an item that was deleted and added again is known by it; by a wrong one it is taken for"
                " another, whose trailer and wishes it gets",
            )

    def test_external_ids_are_the_servers(self, trial: Trial) -> None:
        """Each of the `external_ids` stands in the record, as the server writes it."""
        for sample, media in zip(trial.samples, _media(trial, trial.samples), strict=True):
            said = [str(value) for value in mutation.values(sample) if isinstance(value, int | str)]
            odd = {name: one for name, one in media.external_ids.items() if not _is_said(one, said)}
            require(
                not odd,
                f"the record of {media.title!r} does not say {odd}",
                do="take an id as it is: str(record.tmdb_id), no float, no lower(), no hash",
                why="by it items are found again, here and elsewhere",
            )

    def test_unknown_ids_are_left_out(self, trial: Trial) -> None:
        """An id that is absent, null, 0 or empty is not among the `external_ids`."""
        sample = trial.samples[0]
        kept = ("id", trial.dialect.fields.title, trial.dialect.fields.path)
        mutants = [
            *mutation.without_a_field(sample),
            *mutation.with_null(sample),
            *mutation.without_value(sample, kept=kept),
        ]
        seen = trial.parsed([mutant.record for mutant in mutants], when="some ids of its records are unknown")
        for mutant, media in zip(mutants, seen, strict=True):
            odd = {} if isinstance(media, Refused) else _unknown(media)
            require(
                not odd,
                f"external_ids has {odd}, when {mutant.what}",
                do="leave out what is 0, empty or null: {name: id for name, id in … if id}",
                why="all items without an id would have the same one, and be taken for one another",
            )

    def test_the_identity_is_among_the_external_ids(self, trial: Trial) -> None:
        """If the provider names an identity, its Media have it in `external_ids`."""
        identity = trial.provider.identity
        found = {name for media in _media(trial, trial.samples) for name in media.external_ids}
        require(
            identity is None or identity in found,
            f"the provider's identity is {identity!r}, the Media have {sorted(found) or 'no ids'}",
            do="give each Media that id, or tell no identity",
            why="an item that is deleted and added again is known by it, and keeps the user's word on it",
        )

    def test_external_ids_have_plain_names(self, trial: Trial) -> None:
        """The names of `external_ids` are lower-case words such as `tmdb`, `imdb`, `musicbrainz`."""
        names = {name for media in _media(trial, trial.samples) for name in media.external_ids}
        odd = sorted(name for name in names if not (name.isascii() and name.isalnum() and name.islower()))
        require(
            not odd,
            f"external_ids has the names {odd}",
            do="name the source, not the server's field: tmdb, not tmdbId",
            why="scripts look for items by these names, and every provider spells them alike",
        )


def _is_said(told: str, said: Sequence[str]) -> bool:
    """Whether an id stands in a text, or is a number with what belongs to it: tt0133093 of 133093."""
    number = re.fullmatch(r"[a-z]*0*([1-9][0-9]*)", told)
    return any(told in text for text in said) or (number is not None and number[1] in said)


def _ended(trial: Trial, record: object) -> str | None:
    """The name of what would end the daemon, if the parser raises that."""
    try:
        trial.parse(record)
    except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
        return type(error).__name__
    return None


def _known(trial: Trial, field: str) -> Record:
    """A sample of which the server knows the identity."""
    known = next((sample for sample in trial.samples if sample.get(field)), None)
    if known is None:
        fail(
            f"none of the samples has a {field}",
            do="take a sample of which the server knows it",
            why="the kit compares the identity with what the server says",
        )
    return known


def _changes(sample: Record, field: str, title: str, path: str) -> list[Record]:
    """Another of each thing that might be taken for the identity, and another identity."""
    known = sample[field]
    another = known + 1 if isinstance(known, int) else f"{known[:-1]}{'1' if known[-1] != '1' else '2'}"
    return [{}, {"id": 4711}, {title: "Another Title"}, {path: f"{sample[path]} 2"}, {field: another}]


def _is_below(told: str, folder: str) -> bool:
    absolute = told.startswith(("/", "\\", folder)) or told[1:2] == ":"
    return not absolute and ".." not in re.split(r"[/\\]", told)


def _unknown(media: Media) -> dict[str, str]:
    return {name: value for name, value in media.external_ids.items() if value in _UNKNOWN}


def _media(trial: Trial, listed: Sequence[object]) -> list[Media]:
    """The Media of records with which nothing is wrong."""
    found = []
    for media in trial.parsed(listed):
        if isinstance(media, Refused):
            fail(
                f"a good record cannot be read: {media.reason}",
                do="let the parser accept what the server lists",
                why="the item would stay in quarantine",
            )
        found.append(media)
    return found
