"""docs/security.md, "anybody else who reaches `http.listen`": what there is for who has no key at all."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.web.test_access import VALUES
from trailarrd.config.model import HttpSettings
from trailarrd.web.application import public_application

if TYPE_CHECKING:
    from tests.web.conftest import Stage

PLACES = VALUES | {"version": "x", "name": "x.js", "token": "x", "filename": "x"}


async def test_a_stranger_sees_health_in_a_word_the_form_and_the_interfaces_description(stage: Stage) -> None:
    """Every path there is; all pages are the sign-in form's, and nothing changes."""
    await stage.key()
    before, answers = stage.household.database.content(), defaultdict(set)
    async with stage.client(rate_limit=0) as client:
        for route in public_application(stage.daemon.asked(), HttpSettings()).router.routes():
            assert route.resource
            path = route.resource.canonical.format(**PLACES)
            answer = await client.ask(route.method, path, allow_redirects=False)
            to = answer.headers.get("Location", "").partition("?")[0]
            answers[f"{answer.status} {to}".strip()].add(path)
        assert (await client.get("/health")).document == {"status": "ok"}
    assert answers.pop("200") == {
        *("/health", "/health/live", "/health/ready"),
        "/login",
        "/api/v1/openapi.json",
    }
    assert answers.pop("301 /system") == {"/checks"}, "where a page has moved to"
    assert set(answers) == {"303 /login", "401", "404"}
    assert stage.household.database.content() == before
