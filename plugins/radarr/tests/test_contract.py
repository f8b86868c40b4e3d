"""Radarr's provider passes what every provider must pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trailarrd.plugin import WebhookHint
from trailarrd.testing import RADARR, Dialect
from trailarrd.testing.contract import ProviderContract
from trailarrd_radarr import trailarrd_providers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trailarrd.plugin import Provider
    from trailarrd.testing import Record
    from trailarrd_radarr.api import MovieRecord

FIXTURES = Path(__file__).parent / "fixtures"


class TestRadarr(ProviderContract):
    """Nothing is overridden; the samples are movies of Radarr 3 and 6."""

    @pytest.fixture
    def provider(self) -> Provider[MovieRecord]:
        return next(iter(trailarrd_providers()))

    @pytest.fixture
    def dialect(self) -> Dialect:
        return RADARR

    @pytest.fixture
    def samples(self) -> Sequence[Record]:
        return [
            json.loads(file.read_text(encoding="utf-8")) for file in sorted(FIXTURES.glob("movie-*.json"))
        ]

    @pytest.fixture
    def events(self) -> Sequence[tuple[Mapping[str, object], WebhookHint]]:
        posted = json.loads((FIXTURES / "webhooks.json").read_text(encoding="utf-8"))
        return [
            (posted["Test"], WebhookHint(event="Test")),
            (posted["Grab"], WebhookHint(event="Grab")),
            (posted["Download"], WebhookHint(event="Download", arr_ids=frozenset({12}))),
            (posted["Download of Radarr 3"], WebhookHint(event="Download", arr_ids=frozenset({796}))),
            (posted["Rename"], WebhookHint(event="Rename", arr_ids=frozenset({12}))),
            (posted["MovieDelete"], WebhookHint(event="MovieDelete", arr_ids=frozenset({12}), deleted=True)),
            (posted["Health"], WebhookHint(event="Health")),
        ]
