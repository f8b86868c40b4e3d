"""A client that is made from openapi.json alone goes the main ways, and each answer is what that says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.generated import ProblemError, client_of
from trailarrd import __version__

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.web.conftest import Client, Stage


@pytest.fixture
async def api(stage: Stage, client: Client) -> Any:
    token = await stage.key()
    document = (await client.get("openapi.json")).document
    root = f"{client.url}{document['servers'][0]['url']}"
    return client_of(document, stage.session, root, token)


async def test_a_client_made_from_the_document_goes_the_main_ways(api: Any, stage: Stage) -> None:
    """One daemon for all ways; each is told by its name."""
    await refuses_with_each_mistake_and_what_is_allowed(api)
    await finds_chooses_claims_and_refreshes_items(api, stage)
    await tells_what_runs_and_makes_keys(api)


async def finds_chooses_claims_and_refreshes_items(api: Any, stage: Stage) -> None:
    kinds = api.module
    summary = await api.summary()
    assert (summary.items, summary.wanted) == (6, 6)
    found, cursor = [], None
    while True:
        page = await api.media(kind="movie", monitored=True, sort="-title", limit=2, cursor=cursor)
        found += [item.title for item in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert (found, page.total) == (["Gamma", "Beta", "Alpha"], 3)

    number = stage.movie
    chosen = await api.set_intent(number, kinds["Intent"](intent=False))
    assert (chosen.id, chosen.intent, chosen.monitored) == (number, False, False)
    both = await api.set_intents(kinds["Intents"](ids=[number, 9999], intent=None))
    assert both.unknown == [9999]
    told = await api.explain(number)
    assert (told.item.id, told.mode) == (number, "missing")

    claim = await api.claim(kinds["NewClaim"](id=number, owner="mine"))
    assert (claim.id, claim.percent) == (number, None)
    prolonged = await api.prolong(number, kinds["Prolonged"](owner="mine", percent=42.5, words="merging"))
    assert [(one.owner, one.percent) for one in (await api.claims()).items] == [("mine", 42.5)]
    assert prolonged.until >= claim.until
    await api.release(number, owner="mine")
    assert (await api.claims()).items == []

    stage.household.movies.put(1, "Trailers/Teaser.mkv")
    assert (await api.look(number)).trailer == "present"
    (report,) = (await api.refresh_now(kinds["RefreshRequest"](connections=["movies"]))).refreshes
    assert (report.connection, report.outcome) == ("movies", "ok")
    assert "trailer-appeared" in [event.event for event in (await api.history(id=number)).items]


async def tells_what_runs_and_makes_keys(api: Any) -> None:
    kinds = api.module
    assert (await api.version()).version == __version__
    assert {one.connection for one in (await api.connections()).items} == {"movies", "series"}
    assert "poller movies" in [one.name for one in (await api.services()).items]
    assert (await api.refreshes(connection="movies")).items[0].outcome == "ok"
    assert (await api.checks()).at
    assert "http.enabled" in [one.setting for one in (await api.config()).items]
    assert (await api.log(level="error")).items == []
    made = await api.make_key(kinds["KeyRequest"](name="phone", may_write=False))
    assert made.key.startswith("trailarrd_")
    assert {one.name for one in (await api.keys()).items} == {"test", "phone"}
    await api.revoke_key("phone")


async def refuses_with_each_mistake_and_what_is_allowed(api: Any) -> None:
    with pytest.raises(ProblemError) as wrong:
        await api.media(trailer="lost", limit=0)
    assert wrong.value.status == 422
    problem = {one["where"]: one.get("allowed") for one in wrong.value.problem["errors"]}
    assert problem["query.trailer"] == ["present", "absent", "unknown"]
    assert set(problem) == {"query.trailer", "query.limit"}
    await refused(api.media(connection="nope"), 404)
    await refused(api.downloads(), 409)
    await refused(api.explain(9999), 404)


async def refused(asked: Awaitable[Any], status: int) -> None:
    with pytest.raises(ProblemError) as error:
        await asked
    assert error.value.status == status
