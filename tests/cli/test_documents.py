"""`--json` and the API tell the same of the same things."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from trailarrd.config import load
from trailarrd.daemon.daemon import start_daemon
from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.documents.connections import Connection
from trailarrd.documents.media import Event, Item
from trailarrd.intercom import Intercom, socket_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cli.conftest import CommandLine
    from tests.household import Household


@pytest.fixture
async def intercom(household: Household) -> AsyncIterator[Intercom]:
    """To the daemon of a household with a trailer, a quarantined record, a held removal and a choice."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)  # the command's streams are this process's, too
    plugins = discover()
    providers = providers_by_name(plugins)
    settings = load(household.config, providers=providers, environ=household.environ)
    household.movies.put(1, "Trailers/Teaser.mkv")
    household.series.library.edit(2, title=17)
    async with start_daemon(settings, providers, plugins) as daemon:
        await asyncio.gather(*(poller.request() for poller in daemon.pollers.values()))
        household.movies.library.delete(1, 2, 3)
        await daemon.pollers["movies"].request()
        path = socket_of(household.database.url)
        assert path is not None
        yield Intercom(path)


async def answer(intercom: Intercom, path: str) -> Any:
    return await asyncio.to_thread(intercom.ask, "GET", path)


def without(names: tuple[str, ...], document: dict[str, Any]) -> dict[str, Any]:
    assert set(names) <= set(document)
    return {name: value for name, value in document.items() if name not in names}


async def test_a_list_is_the_apis(
    trailarrd: CommandLine, intercom: Intercom, subtests: pytest.Subtests
) -> None:
    lists: list[tuple[list[str], str, tuple[str, ...]]] = [
        (["media"], "/media", Item.api_only),
        (["history"], "/history", Event.api_only),
        (["connections"], "/connections", Connection.api_only),
        (["quarantine"], "/quarantine", ()),
        (["plugins"], "/plugins", ()),
        (["config", "show"], "/config", ()),
    ]
    for words, path, api_only in lists:
        with subtests.test(path):
            printed = (await trailarrd(*words, "--json")).lines
            answered = (await answer(intercom, path))["items"]
            assert len(printed) > 0
            assert printed == [without(api_only, one) for one in answered]


async def test_an_item_is_explained_alike(trailarrd: CommandLine, intercom: Intercom) -> None:
    (first, *_) = (await trailarrd("media", "--json")).lines
    await trailarrd("unmonitor", str(first["id"]))
    printed = (await trailarrd("explain", str(first["id"]), "--json")).document
    answered = await answer(intercom, f"/media/{first['id']}/explain")
    assert list(printed) == list(answered)
    assert printed == {
        **answered,
        "item": without(Item.api_only, answered["item"]),
        "history": [without(Event.api_only, event) for event in answered["history"]],
    }


async def test_what_is_held_is_the_apis_in_fewer_fields(trailarrd: CommandLine, intercom: Intercom) -> None:
    printed = (await trailarrd("removals", "--json")).lines
    answered = (await answer(intercom, "/media?held=true"))["items"]
    assert printed == [{name: one[name] for name in printed[0]} for one in answered]
    assert len(printed) == 3


async def test_what_the_doctor_finds_is_told_alike(trailarrd: CommandLine, intercom: Intercom) -> None:
    answered = (await asyncio.to_thread(intercom.ask, "POST", "/checks"))["items"]
    printed = (await trailarrd("check", "--json")).lines
    about = [one for one in answered if one["area"] == "series"]
    assert len(about) > 3
    asked = {"live-ok"}  # what a daemon hears anyway, only the command asks
    assert [one for one in printed if one["area"] == "series" and one["code"] not in asked] == about
    assert list(printed[0]) == list(answered[0])
