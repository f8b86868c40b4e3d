"""The webhooks that a simulated server holds: saved, tested and masked as the real ones do."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientError, ClientSession

from trailarrd.testing.answers import Answer, document, empty
from trailarrd.testing.asked import Asked

MASK: Final = "********"
_TEST: Final = {"eventType": "Test"}

Definition = dict[str, Any]


@dataclass
class Notifications:
    """Webhooks by their id. A test comes before one is saved, and if it fails nothing is."""

    saved: dict[int, Definition] = field(default_factory=dict)
    reaches: bool = True
    """Whether a Test event arrives where it is posted to."""
    posts: bool = False
    """Whether it really posts it; then `reaches` is what came of it."""
    crashes: bool = False
    """Whether a test that does not arrive is a crash, as with a refused connection."""
    tests: list[str] = field(default_factory=list)
    """The urls that a Test was posted to, in order."""

    async def post(self, asked: Asked, tail: str) -> None:
        """Post the Test event that this request asks for, if it really does."""
        if self.posts and _is_test(asked, tail):
            self.reaches = await _arrives(self._with_secrets(json.loads(asked.content)))

    def answer(self, asked: Asked, tail: str) -> Answer:
        """To a request of which `tail` is what comes after `notification`."""
        number = int(tail[1:]) if tail[1:].isdecimal() else None
        if asked.method == "GET" and not tail:
            return document([_masked(one) for one in self.saved.values()])
        if asked.method == "GET" and number in self.saved:
            return document(_masked(self.saved[number]))
        if asked.method == "DELETE" and number in self.saved:
            del self.saved[number]
            return document({})
        if asked.method in ("POST", "PUT"):
            return self._changed(asked, tail, number)
        return empty(404)

    def _changed(self, asked: Asked, tail: str, number: int | None) -> Answer:
        definition: Definition = json.loads(asked.content)
        if not tail and self._is_taken(definition["name"]):
            return document([{"propertyName": "Name", "errorMessage": "Should be unique"}], status=400)
        if _is_test(asked, tail) and (failure := self._test(definition)):
            return failure
        if tail == "/test":
            return document({})
        number = number or max(self.saved, default=0) + 1
        self.saved[number] = {**definition, "id": number}
        return document(_masked(self.saved[number]), status=202 if tail else 201)

    def _with_secrets(self, definition: Definition) -> Definition:
        """What comes masked is what is saved."""
        saved = self.saved.get(definition.get("id", 0))
        if saved is None or value_of(definition, "password") != MASK:
            return definition
        secret = {"name": "password", "value": value_of(saved, "password")}
        others = [one for one in definition["fields"] if one["name"] != "password"]
        return {**definition, "fields": [*others, secret]}

    def _is_taken(self, name: str) -> bool:
        return any(one["name"].lower() == name.lower() for one in self.saved.values())

    def _test(self, definition: Definition) -> Answer | None:
        self.tests.append(value_of(definition, "url"))
        if self.reaches:
            return None
        if self.crashes:
            said = {"message": "Connection refused (trailarrd:7979)", "description": "   at System.Net…"}
            return document(said, status=500)
        failures = [{"propertyName": "Url", "errorMessage": "Unable to send test message: HTTP 401"}]
        return document(failures, status=400)


def value_of(definition: Mapping[str, Any], name: str) -> Any:
    """One of its fields; None if it has no such field."""
    return next((one["value"] for one in definition["fields"] if one["name"] == name), None)


def _is_test(asked: Asked, tail: str) -> bool:
    """Whether a Test is posted: a webhook without any event is saved unseen, and another one by force."""
    if tail == "/test":
        return True
    forced = asked.query.get("forceSave") == "true"
    return asked.method in ("POST", "PUT") and _is_on(json.loads(asked.content)) and not forced


def _is_on(definition: Definition) -> bool:
    return any(value is True for name, value in definition.items() if name.startswith("on"))


def _masked(definition: Definition) -> Definition:
    fields = [{**one, "value": MASK} if one["name"] == "password" else one for one in definition["fields"]]
    return {**definition, "fields": fields}


async def _arrives(definition: Definition) -> bool:
    said = f"{value_of(definition, 'username')}:{value_of(definition, 'password')}".encode()
    headers = {"Authorization": f"Basic {b64encode(said).decode()}"}
    async with ClientSession() as session:
        try:
            async with session.post(value_of(definition, "url"), json=_TEST, headers=headers) as answer:
                return answer.ok
        except ClientError:
            return False
