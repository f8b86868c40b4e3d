"""A stranger's provider with which nothing is wrong, and what its author gives the kit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tests.testing.contract.mutants.byhand import AuthorRecord, BookarrApiManager
from trailarrd.plugin import (
    ArrApiManager,
    ArrLive,
    ArrWebhook,
    Media,
    MediaKind,
    Provider,
    RemotePath,
    WebhookHint,
)
from trailarrd.testing import Dialect
from trailarrd.testing.contract.trial import Trial

if TYPE_CHECKING:
    from trailarrd.testing import Record

AUTHORS: Final[list[Record]] = [
    {
        "authorName": "Ursula Vernon-Lakatos",
        "foreignAuthorId": "2f9ecbed-27be-40e6-abca-6de49d50299e",
        "born": 1977,
        "status": "continuing",
        "ended": False,
        "path": "/books/Ursula Vernon-Lakatos",
        "monitored": True,
        "genres": ["Fantasy"],
        "images": [{"url": "/MediaCover/1/poster.jpg", "coverType": "poster", "extension": ".jpg"}],
        "ratings": {"votes": 250, "value": 8.4},
        "statistics": {"bookCount": 12, "sizeOnDisk": 29_887_113},
        "id": 31,
    },
    {
        "authorName": "Nobody in Particular",
        "foreignAuthorId": "",
        "born": 0,
        "path": "/books/Nobody in Particular",
        "monitored": False,
        "genres": [],
        "id": 4,
    },
]


class ShortApiManager(ArrApiManager[AuthorRecord]):
    """The same as by hand, by the base that there is for it."""

    app_name = "Bookarr"
    api_root = "api/v1"
    resource = "author"
    record_type = AuthorRecord
    webhook_switches: ClassVar[tuple[str, ...]] = ("onDownload", "onAuthorDelete")


def parse_author(record: AuthorRecord) -> Media:
    known = record.foreign_author_id
    return Media(
        arr_id=record.id,
        title=record.author_name,
        path=RemotePath(record.path),
        monitored_remotely=record.monitored,
        year=record.born or None,
        external_ids={"goodreads": known} if known else {},
    )


HEALTHY: Final[Provider[Any]] = Provider(
    name="bookarr",
    media_kind=MediaKind("author"),
    api_manager=BookarrApiManager,
    parser=parse_author,
    identity="goodreads",
    webhook=ArrWebhook(item="author"),
    live=ArrLive(item="author"),
)

SHORT: Final = replace(HEALTHY, api_manager=ShortApiManager)
"""Nothing is wrong with it either."""


def _with_file(record: Record, has_file: bool) -> Record:  # as Dialect has it
    return {**record, "statistics": {"bookCount": 12, "bookFileCount": int(has_file)}}


BOOKARR: Final = replace(
    Dialect.from_samples(
        app_name="Bookarr",
        api_root="api/v1",
        resource="author",
        title="authorName",
        identity="foreignAuthorId",
        records=AUTHORS,
    ),
    with_file=_with_file,
)

_AUTHOR: Final = {"id": 31, "name": "Ursula Vernon-Lakatos", "path": "/books/Ursula Vernon-Lakatos"}

EVENTS: Final[list[tuple[dict[str, object], WebhookHint]]] = [
    (
        {"author": _AUTHOR, "books": [{"id": 1}], "isUpgrade": False, "eventType": "Download"},
        WebhookHint(event="Download", arr_ids=frozenset({31})),
    ),
    ({"author": _AUTHOR, "eventType": "Grab"}, WebhookHint(event="Grab")),
    ({"level": "warning", "message": "no indexer", "eventType": "Health"}, WebhookHint(event="Health")),
]


def trial_of(provider: Provider[Any]) -> Trial:
    """The provider before the checks, as the fixtures of `ProviderContract` put it there."""
    options = provider.options() if provider.options else None
    return Trial(provider=provider, dialect=BOOKARR, given=BOOKARR.samples, events=EVENTS, options=options)
