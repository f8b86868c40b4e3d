"""The contract between the core and a provider."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar, runtime_checkable

from trailarrd.domain.media import Media, MediaKind, is_arr_id
from trailarrd.domain.trailers import TrailerRules

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from aiohttp import ClientSession
    from pydantic import BaseModel

    from trailarrd.domain.connection import ArrServer
    from trailarrd.domain.paths import RemotePath

RecordT = TypeVar("RecordT")
RecordT_co = TypeVar("RecordT_co", covariant=True)

KEY_HEADER: Final = "X-Api-Key"
"""The header in which the servers of the *arr family want their key."""
SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
    """Who answered: the proof of the right application, the right key and the right URL."""

    app_name: str
    """What the application calls itself."""
    version: str
    """Its version, as it writes it; not empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRecord:
    """A record that could not even be decoded; it is quarantined and stops nobody else.

    Yield one in the place of the record. With its `arr_id` the item stays as it was; without, no item
    of the connection is removed by this refresh, since it could be any of them::

        BrokenRecord(position=17, arr_id=4, reason="title is missing")
    """

    position: int
    """Where it stood in the answer, counted from 0."""
    arr_id: int | None
    """Its id, if that much could be read."""
    reason: str
    """What is wrong with it, for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookHint:
    """What an event of an Arr server is about: which items to ask that server for again.

    Neither `arr_ids` nor `whole` means that nothing has to be asked, as for a Test. An event is never
    taken for the truth itself: events get lost, come twice and come late.
    """

    event: str
    """What the server calls it: `Download`, `Test`."""
    arr_ids: frozenset[int] = frozenset()
    """The items to ask for again, removed ones too: the server then says that they are gone."""
    whole: bool = False
    """Whether only the whole library will tell what has happened."""
    deleted: bool = False
    """Whether these items are said to be gone: one is removed once its server confirms that."""

    def __post_init__(self) -> None:
        _check_word("event", self.event)
        object.__setattr__(self, "arr_ids", frozenset(self.arr_ids))
        for arr_id in self.arr_ids:
            if not is_arr_id(arr_id):
                raise ValueError(f"arr_ids holds {str(arr_id)[:24]!r}, which is no item's id")


def _check_word(field_name: str, word: object) -> None:
    if not isinstance(word, str) or not word:
        raise TypeError(f"{field_name} is {word!r} and not a word")


class ApiManager(Protocol[RecordT_co]):
    """Talks to one Arr server and returns its records; knows nothing of trailarrd.

    It is built once for each connection with an aiohttp `ClientSession` and an `ArrServer`, is used from
    one event loop, and lives as long as the connection. It MUST NOT block that loop for 50 ms, and MUST NOT
    close or change the session. What it returns is of now: it keeps no answer.

    Its methods may be called while calls of them are under way, `media` also between two batches of
    `all_media`; so what a call needs is in its own variables. The session has four connections.

    It MAY have a method `async def aclose()`, awaited for up to 5 seconds before the session is closed, and
    `async def poster(arr_id: int) -> bytes | None`, an item's small picture for the web page.

    A record that the parser refuses SHOULD have its item's id as the attribute `id`, an integer, or as the
    key `"id"` of a dict: with it that item stays as it was; without it, no item of the connection is removed
    by that refresh.

    Every method MUST raise only `ProviderUnavailableError` (try later), `ProviderRejectedError`
    (wrong key, wrong application: ask the user) or `ProviderResponseError` (an answer that cannot
    be used), and MUST let `asyncio.CancelledError` through. Their texts are for the user: lower case,
    what is wrong and what to do. Anything else is reported as the plugin's mistake and fails that
    refresh alone.

    For servers of the *arr family `ArrApiManager` has all of it.
    """

    async def system_status(self) -> SystemStatus:
        """Ask who the server is, before anything else is asked.

        Raises:
            ProviderRejectedError: it is another application, or refuses the key.
            ProviderUnavailableError: it does not answer, or says that it cannot now.
            ProviderResponseError: its answer cannot be used.
        """
        ...

    async def root_folders(self) -> Sequence[RemotePath]:
        """The folders in which the server keeps its items, as the server sees them; may be empty.

        By them trailarrd knows whether a disk is there at all. Raises the same as `system_status`.
        """
        ...

    def all_media(self) -> AsyncGenerator[Sequence[RecordT_co | BrokenRecord], None]:
        """The whole library in batches of at most 1000 records, each record once.

        An async generator. Nothing that it yields counts unless it then ends normally, and it MUST end
        normally only if the answer was complete: what is missing then is taken for removed, so part of a
        library must never look like all of it, however much of it has come. MUST NOT hold the whole
        library in memory at once; some have 100,000 items. Raises the same as `system_status`.
        """
        ...

    async def media(self, arr_id: int) -> RecordT_co | None:
        """One item, asked for after an event; `arr_id` is from 1 to 2**63 - 1.

        None only if the server itself says that there is no such item. Raises the same as `system_status`.
        """
        ...


@runtime_checkable
class AbsenceWitness(Protocol):
    """What an API manager MAY have beyond its contract: it tells for certain that an item is gone.

    With it an item that its server has deleted is removed as soon as that is told; without, the whole
    library is asked for. `ArrApiManager` has it. The errors are those of `ApiManager`.
    """

    async def is_absent(self, arr_id: int) -> bool:
        """Whether the application itself says that it has no item of this id.

        True only for an answer that nothing in front of it can give: not for any 404.
        """
        ...


@runtime_checkable
class TagNames(Protocol):
    """What an API manager MAY have beyond its contract: its server's records tell tags by their ids.

    It is asked for at most once in a refresh, and only if a parser gave an id among `Details.tags`. The
    errors are those of `ApiManager`: items then keep the tags that were known last.
    """

    async def tags(self) -> Mapping[int, str]:
        """What the server calls each of its tags, by id."""
        ...


@runtime_checkable
class PosterSource(Protocol):
    """What an API manager MAY have beyond its contract: its server has pictures of its items.

    They are asked for one by one, when somebody looks at the web page. `ArrApiManager` has it. The errors
    are those of `ApiManager`.
    """

    async def poster(self, arr_id: int) -> bytes | None:
        """The item's poster as JPEG, PNG or WebP, best a small one, and of at most 5 MiB.

        None if the server has none. MUST be the server's own: nobody else is asked.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider(Generic[RecordT]):
    """What a plugin offers: one kind of Arr application.

    The core does the rest: it asks the API manager, parses each record, maps the path, looks at the
    disk, decides and stores. Building one raises `ValueError` or `TypeError` naming the field that
    could not work. A field that a later version adds has a default::

        Provider(
            name="lidarr",
            media_kind=MediaKind("artist"),
            api_manager=LidarrApiManager,
            parser=parse_artist,
        )
    """

    name: str
    """What `provider:` says in trailarrd.yaml: lower-case letters, digits and single hyphens.

    Of two plugins that offer the same one neither is used.
    """
    media_kind: MediaKind
    """What its items are: `movie`, `series`, `artist`, …; of the same form as a name. Users see it."""
    api_manager: Callable[[ClientSession, ArrServer], ApiManager[RecordT]]
    """Builds the API manager for one server; does no I/O itself."""
    parser: Callable[[RecordT], Media]
    """Pure: the same record gives the same Media. Any exception quarantines that record."""
    identity: str | None = None
    """Which of a Media's `external_ids` the Arr server itself tells its items apart by, such as `tmdb`.

    By it an item is recognised when its arr id changed: deleted and added again, or the server set up
    anew. None: by its folder only.
    """
    options: type[BaseModel] | None = None
    """A pydantic model of what a connection may say under `options:`, beyond what every connection has.

    The configuration reads it strictly, tells mistakes with their line, fills in defaults, and gives the
    instance to `api_manager` as `ArrServer.options`. What must never be shown is a `pydantic.SecretStr`.
    None: its connections take no options.
    """
    trailers: TrailerRules = field(default_factory=TrailerRules)
    """What counts as a trailer of such an item."""
    webhook: Callable[[Mapping[str, object]], WebhookHint] | None = None
    """Pure: what an event is about, from the JSON object that the server posts.

    MUST raise `ValueError` for a shape that it does not understand; the whole library is then asked for.
    None: the server sends no events, or none that tell which item they are about.
    """
    live: Callable[[ClientSession, ArrServer], AsyncGenerator[WebhookHint, None]] | None = None
    """What the server tells of itself while it happens, unless a connection says `live: false`.

    An async generator that ends only by an error of the contract. MUST begin each time with a hint that is
    `whole`: what happened before was not told. None: the server has no such thing.
    """
    links: Mapping[str, str] = field(default_factory=dict)
    """Pages about an item, by what people call them: `"TMDb": "https://www.themoviedb.org/movie/{tmdb}"`.

    In braces may stand the name of an external id, `slug` of its `Details`, and `url`, the server's own
    in a browser; an item of which one is not known has no such link.
    """

    def __post_init__(self) -> None:
        for name in ("name", "media_kind"):
            value = getattr(self, name)
            if not isinstance(value, str) or not SLUG.fullmatch(value):
                raise ValueError(f"{name} {value!r} is not a lower-case slug such as 'movie'")
        self._check_functions()
        if self.identity is not None:
            _check_word("identity", self.identity)
        if not isinstance(self.trailers, TrailerRules):
            raise TypeError("trailers is no TrailerRules")
        if self.options is not None and not hasattr(self.options, "model_fields"):
            raise TypeError("options is not a pydantic model")
        for text, pattern in self.links.items():
            if not pattern.startswith(("https://", "{url}/")):
                raise ValueError(f"links {text!r} begins with neither 'https://' nor '{{url}}/'")

    def _check_functions(self) -> None:
        for name in ("api_manager", "parser", "webhook", "live"):
            value = getattr(self, name)
            left_out = value is None and name in ("webhook", "live")
            if not left_out and not callable(value):
                raise TypeError(f"{name} is not callable")
        for name in ("api_manager", "parser", "webhook"):
            if inspect.iscoroutinefunction(getattr(self, name)):
                raise TypeError(f"{name} is async: it is a plain function, write def instead of async def")
