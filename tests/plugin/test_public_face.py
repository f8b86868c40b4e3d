"""What strangers build on: the names of trailarrd.plugin, and what Provider does with wrong ones."""

from __future__ import annotations

from typing import Any

import pytest

import trailarrd.plugin
from trailarrd.plugin import MediaKind, Provider, TrailerRules, WebhookHint

PUBLIC = [
    "AbsenceWitness",
    "ApiManager",
    "ArrApiManager",
    "ArrLive",
    "ArrServer",
    "ArrWebhook",
    "Barrier",
    "BasicLogin",
    "BrokenRecord",
    "Brought",
    "Candidate",
    "Details",
    "Download",
    "Downloader",
    "DownloaderSettings",
    "Equipment",
    "Examiner",
    "Fact",
    "Lack",
    "Limits",
    "Media",
    "MediaKind",
    "PosterSource",
    "Progress",
    "Provider",
    "ProviderError",
    "ProviderRejectedError",
    "ProviderResponseError",
    "ProviderUnavailableError",
    "Quality",
    "RegisteredWebhook",
    "ReleaseStatus",
    "RemotePath",
    "Secret",
    "Suspect",
    "SystemStatus",
    "TagNames",
    "Timeouts",
    "TrailerRules",
    "TransferError",
    "TransferGoneError",
    "TransferRefusedError",
    "TransferRejectedError",
    "TransferResponseError",
    "TransferUnavailableError",
    "Updater",
    "WebhookHint",
    "WebhookReader",
    "WebhookRegistrar",
    "WebhookTarget",
    "hookimpl",
]


def test_the_exported_names_are_exactly_these() -> None:
    """Taking one away is a new major version; see docs/versioning.md before this list is changed."""
    assert trailarrd.plugin.__all__ == PUBLIC
    assert all(hasattr(trailarrd.plugin, name) for name in PUBLIC)


def a_provider(**fields: Any) -> Provider[Any]:
    kept = {"name": "x", "media_kind": MediaKind("artist"), "api_manager": print, "parser": print}
    return Provider(**{**kept, **fields})


def test_what_a_provider_does_not_say_has_a_default() -> None:
    provider = a_provider()
    assert (provider.identity, provider.webhook, provider.trailers) == (None, None, TrailerRules())


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"name": "Bad Name"}, ValueError, "name"),
        ({"name": None}, ValueError, "name"),
        ({"media_kind": "music_video"}, ValueError, "media_kind"),
        ({"api_manager": None}, TypeError, "api_manager"),
        ({"parser": "parse"}, TypeError, "parser"),
        ({"webhook": WebhookHint(event="Test")}, TypeError, "webhook"),
        ({"live": 3}, TypeError, "live"),
        ({"trailers": None}, TypeError, "trailers"),
        ({"identity": ""}, TypeError, "identity"),
        ({"identity": 17}, TypeError, "identity"),
    ],
    ids=str,
)
def test_a_provider_that_could_not_work_is_refused_by_the_fields_name(
    fields: dict[str, Any], error: type[Exception], field: str
) -> None:
    with pytest.raises(error, match=rf"^{field} "):
        a_provider(**fields)
