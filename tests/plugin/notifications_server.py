"""The notification API of an Arr server, true to how the real ones save, test and mask."""

from __future__ import annotations

from base64 import b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MASK = "********"
TEST = {"movie": {"id": 1, "title": "Test Title"}, "eventType": "Test"}


@dataclass
class NotificationsServer:
    """Holds webhooks; `reaches` says whether its Test event arrives anywhere."""

    key: str
    reaches: bool = True
    posts: bool = False
    """Whether it really posts the test, as the real ones do; then `reaches` does not matter."""
    crashes: bool = False
    """Whether a test that does not arrive is a crash, as with a refused connection."""
    saved: dict[int, dict[str, Any]] = field(default_factory=dict)
    tests: list[str] = field(default_factory=list)
    """The urls that a Test was posted to, in order."""

    async def listing(self, _request: web.Request) -> web.Response:
        return web.json_response([_masked(one) for one in self.saved.values()])

    async def create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if any(one["name"].lower() == body["name"].lower() for one in self.saved.values()):
            return web.json_response(
                [{"propertyName": "Name", "errorMessage": "Should be unique"}], status=400
            )
        if _is_on(body) and (failure := await self._test(body)):
            return failure
        number = max(self.saved, default=0) + 1
        self.saved[number] = {**body, "id": number}
        return web.json_response(_masked(self.saved[number]), status=201)

    async def update(self, request: web.Request) -> web.Response:
        number, body = int(request.match_info["number"]), await request.json()
        forced = request.query.get("forceSave") == "true"
        if _is_on(body) and not forced and (failure := await self._test(body)):
            return failure
        self.saved[number] = body
        return web.json_response(_masked(body), status=202)

    async def delete(self, request: web.Request) -> web.Response:
        del self.saved[int(request.match_info["number"])]
        return web.json_response({})

    async def test(self, request: web.Request) -> web.Response:
        return await self._test(await request.json()) or web.Response(text="{}")

    async def _test(self, body: dict[str, Any]) -> web.Response | None:
        self.tests.append(value_of(body, "url"))
        if await self._posted(body) if self.posts else self.reaches:
            return None
        if self.crashes:
            said = {"message": "Connection refused (trailarrd:7979)", "description": "   at System.Net…"}
            return web.json_response(said, status=500)
        said_list = [{"propertyName": "Url", "errorMessage": "Unable to send test message: HTTP 401"}]
        return web.json_response(said_list, status=400)

    async def _posted(self, body: dict[str, Any]) -> bool:
        said = f"{value_of(body, 'username')}:{value_of(body, 'password')}".encode()
        headers = {"Authorization": f"Basic {b64encode(said).decode()}"}
        async with ClientSession() as session:
            try:
                async with session.post(value_of(body, "url"), json=TEST, headers=headers) as answer:
                    return answer.status < 400
            except ClientError:
                return False


def value_of(definition: dict[str, Any], name: str) -> Any:
    """One of its fields."""
    return next(one["value"] for one in definition["fields"] if one["name"] == name)


def _is_on(definition: dict[str, Any]) -> bool:
    return any(value is True for name, value in definition.items() if name.startswith("on"))


def _masked(definition: dict[str, Any]) -> dict[str, Any]:
    fields = [{**one, "value": MASK} if one["name"] == "password" else one for one in definition["fields"]]
    return {**definition, "fields": fields}


@asynccontextmanager
async def open_notifications(server: NotificationsServer) -> AsyncIterator[str]:
    """Its url."""

    @web.middleware
    async def guard(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("X-Api-Key") != server.key:
            return web.Response(status=401)
        response: web.StreamResponse = await handler(request)
        return response

    application = web.Application(middlewares=[guard])
    base = "/api/v3/notification"
    application.router.add_get(base, server.listing)
    application.router.add_post(base, server.create)
    application.router.add_post(f"{base}/test", server.test)
    application.router.add_put(f"{base}/{{number}}", server.update)
    application.router.add_delete(f"{base}/{{number}}", server.delete)
    async with TestServer(application) as running:
        yield str(running.make_url("/"))
