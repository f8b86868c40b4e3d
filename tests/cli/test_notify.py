"""`trailarrd notify test`: each service is asked, and its address is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household


async def test_a_message_goes_to_each_service_and_who_does_not_take_it_is_told(
    household: Household, trailarrd: CommandLine
) -> None:
    assert (await trailarrd("notify", "test")).code == 2, "nobody is to be told"
    taken: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        taken.append(await request.json())
        return web.Response()

    application = web.Application()
    application.router.add_post("/a-hidden-token", take)
    async with TestServer(application) as service:
        good, bad = (f"json://127.0.0.1:{service.port}/{path}" for path in ("a-hidden-token", "elsewhere"))
        household.settings = f"notify: {{urls: ['{good}', '{bad}']}}\n"
        household.write_config()
        done = await trailarrd("notify", "test")
    assert (done.code, [one["title"] for one in taken]) == (1, ["trailarrd"])
    assert done.out.splitlines() == [
        "notify.urls[0]: the service took the message",
        "notify.urls[1]: the service did not take it; check the address",
    ]
    assert "hidden" not in done.out + done.err
