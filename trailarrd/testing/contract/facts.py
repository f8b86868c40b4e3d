"""Facts of an item, its tags by name, its picture: all of it optional, none of it to an item's harm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

import pytest
from msgspec import structs

from trailarrd.plugin import Details, PosterSource, ProviderError, TagNames
from trailarrd.testing.answers import Answer, page
from trailarrd.testing.asked import Phase
from trailarrd.testing.contract import mutation
from trailarrd.testing.contract.calls import Call, Outcome
from trailarrd.testing.contract.mutation import Mutant
from trailarrd.testing.contract.trial import KEY, Refused
from trailarrd.testing.contract.verdict import fail, require
from trailarrd.testing.faults import Fault, LoginPage, RedirectElsewhere, Refusal, Reset, ServerError
from trailarrd.testing.picture import poster

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from trailarrd.plugin import Media
    from trailarrd.testing.asked import Asked
    from trailarrd.testing.contract.trial import Trial
    from trailarrd.testing.draft import Record

_TEXTS: Final = (
    *("original_title", "original_language", "studio", "certification", "collection", "slug", "overview"),
    *("genres", "tags"),
)
"""Facts that are in the server's own words."""
_DERIVED: Final = ("sort_title", "slug")
"""Facts that may be made of the title or the id."""
_ODD: Final = " two  Spaces, and Around "
_UNKNOWN: Final = frozenset({"0", "None", "null", "none", "False", "nan", "[]", "{}", "0001-01-01T00:00:00Z"})
"""What becomes of nothing, if it is made a text."""
_TAGS: Final = {3: "kids", 8: "Ünïcödé 4k"}
_NEVER: Final = 1
"""The year of a time that the servers do not know."""
_LARGEST: Final = 5 * 2**20
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_NO_PICTURE: Final = 404
"""The id of an item that there is not."""


async def _tags_of(api: Any) -> object:
    return await api.tags() if isinstance(api, TagNames) else None


_ASK_TAGS: Final = Call("tags()", Phase.TAGS, _tags_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Instead(Fault):
    """Another body with the same status."""

    instead: Answer

    def apply(self, _answer: Answer, _asked: Asked) -> Answer:
        return self.instead


class FactChecks:
    """Facts: what else is told of an item, its tags by name, its poster."""

    def test_every_fact_fits(self, trial: Trial) -> None:
        """Each of the `Details` is of its type and within its bounds, so that none is left out."""
        for media in _media(trial, trial.samples):
            odd = _unfit(media)
            require(
                not odd,
                f"of the details of {media.title!r} these would be left out: {odd}",
                do="give a fact as `Details` has it: a time with its zone, a ReleaseStatus, a tuple of texts,"
                " and none that is longer than is told there",
                why="what does not fit is not stored, and nobody is told",
            )

    def test_facts_are_the_servers_words(self, trial: Trial) -> None:
        """Texts among the `Details` stand in the record just so: nothing stripped, joined or translated."""
        needed = {*_needed(trial), trial.dialect.identity}
        odd = [
            {name: value if name in needed else _with_odd_texts(value) for name, value in sample.items()}
            for sample in trial.samples
        ]
        listed = [*trial.samples, *odd]
        for record, media in zip(listed, trial.parsed(listed), strict=True):
            said = set(_texts_in(record))
            strange = [] if isinstance(media, Refused) else _strange(media.details, said)
            require(
                not strange,
                f"these facts are not in the server's record as they were told: {strange}",
                do="genres=record.genres, studio=record.studio or None: no strip(), no join(), no words"
                " of yours",
                why="users filter by the words that their server shows",
            )

    def test_nothing_is_no_fact(self, trial: Trial) -> None:
        """What is absent, null, 0 or empty becomes no text among the `Details`."""
        sample = trial.samples[0]
        mutants = [
            *mutation.without_a_field(sample),
            *mutation.with_null(sample),
            *mutation.without_value(sample, kept=_needed(trial)),
        ]
        seen = trial.parsed(
            [mutant.record for mutant in mutants], when="some facts of its records are unknown"
        )
        for mutant, media in zip(mutants, seen, strict=True):
            odd = set() if isinstance(media, Refused) else _UNKNOWN & set(_texts_of(media.details))
            require(
                not odd,
                f"the details have {sorted(odd)}, when {mutant.what}",
                do="give None for what the server does not say: no str(…), no f-string of it",
                why="a filter would find these items, and pages show them",
            )

    def test_what_is_not_said_is_not_known(self, trial: Trial) -> None:
        """A record that has only id, title, folder and monitored flag gives no year, no ids and no facts."""
        sample = trial.samples[0]
        (media,) = trial.parsed([{name: sample[name] for name in _needed(trial) if name in sample}])
        if isinstance(media, Refused):
            return  # another check's business
        told = {name: getattr(media.details, name) for name in media.details.__struct_fields__}
        told |= {name: getattr(media, name) for name in ("year", "youtube_trailer_id", "main_file")}
        told |= {"external_ids": dict(media.external_ids) or None}
        made_up = {name: value for name, value in told.items() if value is not None and name not in _DERIVED}
        require(
            not made_up,
            f"the record says nothing of all that, and the Media has {made_up}",
            do="None for what the server does not say: no default, no guess by the title",
            why="what is made up decides what is wanted, and is found by who looks for it",
        )

    def test_a_fact_of_another_type_costs_no_item(self, trial: Trial) -> None:
        """A record of which only a fact is of an unexpected type becomes a Media all the same."""
        mutants = [mutant for name in _facts_alone(trial) for mutant in _other_types(trial.samples[0], name)]
        seen = trial.parsed([mutant.record for mutant in mutants], when="only a fact of its records is odd")
        for mutant, media in zip(mutants, seen, strict=True):
            if isinstance(media, Refused):
                fail(
                    f"a record cannot be read when {mutant.what}: {media.reason}",
                    do="`studio: Fact[str] = None` in a record type of ArrApiManager; else decode each fact"
                    " by itself",
                    why="an item would be stuck as it is for something that decides nothing",
                )

    def test_the_own_file_is_the_servers_word(self, trial: Trial) -> None:
        """`has_file` is never the contrary of what the record says, where the dialect tells what that is."""
        sample = trial.samples[0]
        for flag in (True, False):
            record = trial.dialect.with_file(sample, flag)
            if record == sample == trial.dialect.with_file(sample, not flag):
                pytest.skip("the dialect does not tell how a record with a file looks: set its with_file")
            (media,) = _media(trial, [record])
            require(
                media.has_file in (flag, None),
                f"the record says that the server has {'a' if flag else 'no'} file,"
                f" and has_file is {media.has_file}",
                do="take has_file from what the server says of files",
                why="a yes makes the folder's silence a contradiction, a no means that no trailer is wanted",
            )

    def test_tags_are_known_by_name(self, trial: Trial) -> None:
        """An API manager of which the parser gives tags by ids says what they are called, each time anew."""
        tags = [tag for media in _media(trial, trial.samples) for tag in media.details.tags or ()]
        with trial.server() as server:

            async def twice(api: Any, _session: ClientSession) -> Any:
                if not isinstance(api, TagNames):
                    return None
                first = await api.tags()
                server.library.tags = _TAGS
                return dict(first), dict(await api.tags())

            before = dict(server.library.tags)
            found = trial.run(server.url, twice)
        require(
            found is not None or not any(isinstance(tag, int) for tag in tags),
            f"the details have the tags {tags[:4]}, and the API manager has no tags() that names them",
            do="derive from ArrApiManager, or define `async def tags(self)`: names by id",
            why="tags are stored by name; without names there are none",
        )
        require(
            found in (None, (before, _TAGS)),
            f"the server called its tags {before}, then {_TAGS}; tags() returned {found}",
            do="return {id: name} as the server has it now",
            why="users filter by the names that they gave",
        )

    def test_tags_that_cannot_be_had_are_an_error(self, trial: Trial) -> None:
        """`tags` raises an error of the contract if the server does not name them: never an empty answer."""
        with trial.server() as server:
            for fault in (ServerError(status=503), Refusal(status=404), Reset(), LoginPage()):
                server.fault = fault
                outcome = trial.ask(server, _ASK_TAGS)
                if outcome.value is None and outcome.error is None:
                    pytest.skip("the API manager names no tags")
                require(
                    isinstance(outcome.error, ProviderError),
                    f"{_ASK_TAGS} {outcome}, when {fault}",
                    do="raise what the other methods raise",
                    why="an empty answer would take all tags away, and un-want what they want",
                )

    def test_tags_and_posters_are_asked_as_all_else(self, trial: Trial) -> None:
        """`tags` and `poster` send GETs by the given session, the key in a header and nowhere else."""
        with trial.server() as server:

            async def marked(api: Any, session: ClientSession) -> None:
                session.headers["X-Given-Session"] = "yes"
                await _tags_of(api)
                if isinstance(api, PosterSource):
                    await api.poster(1)

            trial.run(server.url, marked)
        odd = [one.path for one in server.requests if not _is_as_all(one)]
        require(
            not odd,
            f"the request to {', '.join(odd)} is no GET by the given session, or has the key in its address",
            do="ask by the ClientSession that api_manager gets, with the key as a header",
            why="it knows the user's certificates and proxies, and addresses are written down in logs",
        )

    def test_a_poster_is_a_picture(self, trial: Trial) -> None:
        """`poster` returns a JPEG, PNG or WebP of at most 5 MiB, None, or raises an error of the contract."""
        huge = Answer(content_type="image/png", pieces=(poster("Huge"), bytes(_LARGEST)))
        with trial.server() as server:
            told = [(_poster(trial, server, 1), "nothing is wrong")]
            told += [(_poster(trial, server, _NO_PICTURE), "there is no such item")]
            for what, instead in (("a page comes", page("Login")), ("more than 5 MiB come", huge)):
                server.fault = _Instead(instead=instead)
                told += [(_poster(trial, server, 1), what)]
        for outcome, when in told:
            require(
                isinstance(outcome.error, ProviderError) or _is_picture(outcome.value),
                f"poster(…) {outcome}, when {when}",
                do="look at how the answer begins and at its length; None for what is no picture",
                why="it is kept on disk and shown on the web page",
            )

    def test_a_poster_comes_from_the_server(self, trial: Trial) -> None:
        """`poster` follows no redirect and asks nobody but its own server."""
        with trial.server() as elsewhere, trial.server(fault=RedirectElsewhere(url=elsewhere.url)) as server:
            outcome = _poster(trial, server, 1)
        require(
            not elsewhere.requests and outcome.value is None,
            f"the server redirected to another host; poster(1) {outcome}, and that host was asked",
            do="ask the connection's server by the given session, with allow_redirects=False",
            why="the API key goes along, and somebody else learns what is in a library",
        )


def _is_as_all(request: Asked) -> bool:
    given = request.headers.get("X-Given-Session") == "yes"
    return request.method == "GET" and given and KEY not in unquote_plus(request.target)


def _poster(trial: Trial, server: Any, arr_id: int) -> Outcome:
    async def asked(api: Any) -> object:
        if not isinstance(api, PosterSource):
            pytest.skip("the API manager has no posters")
        return await api.poster(arr_id)

    return trial.ask(server, Call(f"poster({arr_id})", Phase.OTHER, asked))


def _is_picture(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, bytes) and len(value) <= _LARGEST and value.startswith(_PICTURES)


def _media(trial: Trial, listed: Any) -> list[Media]:
    return [media for media in trial.parsed(listed) if not isinstance(media, Refused)]


def _unfit(media: Media) -> dict[str, object]:
    """The facts that are told and would not be stored, and times that nobody can place."""
    details, fits = media.details, media.fitting().details
    told = {name: getattr(details, name) for name in details.__struct_fields__}
    left_out = {name: value for name, value in told.items() if value != getattr(fits, name)}
    left_out = {name: value for name, value in left_out.items() if getattr(value, "year", None) != _NEVER}
    naive = details.added is not None and details.added.tzinfo is None
    return {**left_out, **({"added": details.added} if naive else {})}


def _needed(trial: Trial) -> tuple[str, ...]:
    fields = trial.dialect.fields
    return ("id", fields.title, fields.path, fields.monitored)


def _texts_of(details: Details) -> list[str]:
    told = [getattr(details, name) for name in _TEXTS]
    return list(_texts_in(told))


def _strange(details: Details, said: set[str]) -> list[str]:
    return [text for text in _texts_of(details) if text not in said]


def _texts_in(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts_in(one)


def _with_odd_texts(value: Any) -> Any:
    """The same with a text in each place of one, and another in each."""
    if isinstance(value, str):
        return f"{_ODD}{value} "
    if isinstance(value, dict):
        return {name: _with_odd_texts(one) for name, one in value.items()}
    return [_with_odd_texts(one) for one in value] if isinstance(value, list) else value


def _facts_alone(trial: Trial) -> list[str]:
    """The record's fields that are told by nothing but the details."""
    sample, names = trial.samples[0], [name for name in trial.samples[0] if name not in _needed(trial)]
    without = [{key: value for key, value in sample.items() if key != name} for name in names]
    usual, *seen = trial.parsed([sample, *without])
    if isinstance(usual, Refused):
        return []
    return [
        name
        for name, media in zip(names, seen, strict=True)
        if not isinstance(media, Refused)
        and media != usual
        and structs.replace(media, details=usual.details) == usual
    ]


def _other_types(sample: Record, name: str) -> Iterator[Mutant]:
    for mutant in mutation.with_another_type({name: sample[name]}):
        yield Mutant(mutant.what, {**sample, **mutant.record})
