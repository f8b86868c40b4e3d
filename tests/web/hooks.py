"""What Arr servers post to a daemon, and the token that lets them."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from trailarrd.domain.apikey import digest_of, new_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import Client, Stage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEST = {"eventType": "Test", "movie": {"id": 1, "title": "Test Title"}}


@pytest.fixture
async def token(stage: Stage) -> str:
    """That of the connection `movies`."""
    token = new_token()
    await stage.daemon.store.put_webhook_token("movies", digest_of(token), NOW)
    return token


def download(arr_id: int) -> dict[str, Any]:
    return {"movie": {"id": arr_id, "title": "Any"}, "isUpgrade": False, "eventType": "Download"}


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"trailarrd:{password}".encode()).decode()}


async def post(client: Client, token: str, body: object, name: str = "movies") -> int:
    return (await client.ask("POST", f"/hooks/{name}", headers=basic(token), json=body)).status


async def titles(stage: Stage) -> dict[int, str]:
    pages = stage.daemon.store.media(now=NOW)
    return {row.arr_id: row.title async for page in pages for row in page if row.connection == "movies"}


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not await true():
            await asyncio.sleep(0.05)
