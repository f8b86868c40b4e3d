"""The webhook that was registered: whether the server has it still, and whether its events arrive here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.doctor.conftest import NOW, facts
from trailarrd.config import load
from trailarrd.doctor import Arrivals, Subject, examine_webhooks
from trailarrd.store.store import Store
from trailarrd.testing import Notifications

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doctor.conftest import Doctor

URL = "http://nas:7979/hooks/movies"
TOKEN = "a-token-that-must-not-be-seen"
SWITCHES = ("onDownload", "onUpgrade", "onRename", "onMovieAdded", "onMovieDelete", "onMovieFileDelete")


def registered() -> dict[str, Any]:
    fields = {"url": URL, "method": 1, "username": "trailarrd", "password": TOKEN}
    return {
        "id": 7,
        "name": "trailarrd movies",
        "implementation": "Webhook",
        "fields": [{"name": name, "value": value} for name, value in fields.items()],
        **dict.fromkeys(SWITCHES, True),
    }


@pytest.fixture
async def held(doctor: Doctor) -> Notifications:
    """A webhook that was registered, and that works."""
    held = Notifications(saved={7: registered()})
    doctor.household.movies.server._application.notifications = held
    async with Store.open(doctor.household.database.url) as store:
        await store.put_webhook_token("movies", "its digest", NOW, URL)
    return held


async def test_a_webhook_that_works_is_tried_by_the_server_itself(
    doctor: Doctor, held: Notifications
) -> None:
    found = await doctor()
    assert facts(found) == {}
    assert found["webhook-ok"].fact == f"a test that the server posted to {URL} arrived"
    assert held.tests == [URL]
    assert held.saved == {7: registered()}, "nothing is changed"


def move(held: Notifications) -> None:
    held.saved[7]["fields"][0]["value"] = f"http://old-nas:7979/hooks/movies/{TOKEN}"


TROUBLES: dict[str, tuple[Callable[[Notifications], object], str]] = {
    "webhook-missing": (
        lambda held: held.saved.clear(),
        f"the server has no webhook that posts to {URL}",
    ),
    "webhook-elsewhere": (move, f"it posts to http://old-nas:7979/hooks/movies instead of {URL}"),
    "webhook-off": (
        lambda held: held.saved[7].update(onRename=False, onUpgrade=False, supportsOnUpgrade=False),
        "it does not tell of onRename",
    ),
    "webhook-lost": (
        lambda held: setattr(held, "reaches", False),
        "Radarr does not take the webhook: Unable to send test message: HTTP 401",
    ),
}


@pytest.mark.parametrize("code", TROUBLES)
async def test_what_became_of_it_in_the_server_is_told(
    doctor: Doctor, held: Notifications, code: str
) -> None:
    happen, fact = TROUBLES[code]
    happen(held)
    found = await doctor()
    assert facts(found) == {code: fact}
    assert TOKEN not in str(found)


async def test_of_one_that_was_made_by_hand_nothing_is_known(doctor: Doctor, held: Notifications) -> None:
    """But by where it posts to, if that is a path of ours."""
    held.saved[7]["name"] = "mine"
    async with Store.open(doctor.household.database.url) as store:
        await store.put_webhook_token("movies", "its digest", NOW)
    assert "webhook-ok" in await doctor()
    held.saved.clear()
    found = await doctor()
    assert facts(found) == {}
    assert "webhook-unknown" in found


async def test_where_none_was_registered_nothing_is_asked(doctor: Doctor) -> None:
    await doctor()
    assert "notification" not in "".join(one.path for one in doctor.household.movies.server.requests)


async def test_a_daemon_sees_whether_the_test_came_to_it(doctor: Doctor, held: Notifications) -> None:
    config = doctor.household.config
    settings = load(config, providers=doctor.subject.providers, environ=doctor.household.environ)
    arrived = iter([Arrivals(3), Arrivals(3, refused=1), Arrivals(3), Arrivals(4)])
    for lost in (True, False):
        subject = Subject(
            providers=doctor.subject.providers, settings=settings, arrived=lambda _: next(arrived)
        )
        with capture_logs() as logs:
            (found,) = await examine_webhooks(subject, now=NOW)
        codes = [line["code"] for line in logs if line["event"] == "check.problem"]
        assert codes == ["webhook-lost"] * lost
        assert found.fact.endswith("it came here with a token that is not ours") == lost
    assert held.tests == [URL, URL]
