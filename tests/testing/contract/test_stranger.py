"""An application with names of its own, on Windows, that sends no events: the kit fits it as well."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from trailarrd.plugin import ArrApiManager, Media, MediaKind, Provider, RemotePath
from trailarrd.testing import Dialect
from trailarrd.testing.contract import ProviderContract


class GameRecord(msgspec.Struct, rename="camel"):
    """What the parser needs."""

    id: int
    game_name: str
    install_folder: str
    watched: bool = False


class GamarrApiManager(ArrApiManager[GameRecord]):
    """Its API is at version 2."""

    app_name = "Gamarr"
    api_root = "api/v2"
    resource = "game"
    record_type = GameRecord


def parse_game(record: GameRecord) -> Media:
    """A game; there is no number for it elsewhere."""
    return Media(
        arr_id=record.id,
        title=record.game_name,
        path=RemotePath(record.install_folder),
        monitored_remotely=record.watched,
    )


class TestGamarr(ProviderContract):
    """Two fixtures and no more."""

    @pytest.fixture
    def provider(self) -> Provider[Any]:
        return Provider(
            name="gamarr", media_kind=MediaKind("game"), api_manager=GamarrApiManager, parser=parse_game
        )

    @pytest.fixture
    def dialect(self) -> Dialect:
        game = {"gameName": "Go", "installFolder": "\\\\nas\\games\\Go", "watched": True, "rank": 1.5}
        return Dialect.from_samples(
            app_name="Gamarr",
            api_root="api/v2",
            resource="game",
            records=[{**game, "id": 1}],
            title="gameName",
            path="installFolder",
            monitored="watched",
        )
