"""Sonarr's provider passes what every provider must pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trailarrd.plugin import WebhookHint
from trailarrd.testing import SONARR, Dialect
from trailarrd.testing.contract import ProviderContract
from trailarrd_sonarr import trailarrd_providers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trailarrd.plugin import Provider
    from trailarrd.testing import Record
    from trailarrd_sonarr.api import SeriesRecord

FIXTURES = Path(__file__).parent / "fixtures"


class TestSonarr(ProviderContract):
    """Nothing is overridden; the samples are series of Sonarr 3 and 4."""

    @pytest.fixture
    def provider(self) -> Provider[SeriesRecord]:
        return next(iter(trailarrd_providers()))

    @pytest.fixture
    def dialect(self) -> Dialect:
        return SONARR

    @pytest.fixture
    def samples(self) -> Sequence[Record]:
        return [json.loads(file.read_text("utf-8")) for file in sorted(FIXTURES.glob("series-*.json"))]

    @pytest.fixture
    def events(self) -> Sequence[tuple[Mapping[str, object], WebhookHint]]:
        posted = json.loads((FIXTURES / "webhooks.json").read_text(encoding="utf-8"))
        return [
            (posted["Test"], WebhookHint(event="Test")),
            (posted["Grab"], WebhookHint(event="Grab")),
            (posted["Download of one file"], WebhookHint(event="Download", arr_ids=frozenset({31}))),
            (posted["Download of a whole release"], WebhookHint(event="Download", arr_ids=frozenset({31}))),
            (posted["Download of Sonarr 3"], WebhookHint(event="Download", arr_ids=frozenset({7}))),
            (posted["SeriesAdd"], WebhookHint(event="SeriesAdd", arr_ids=frozenset({32}))),
            (posted["Health"], WebhookHint(event="Health")),
        ]
