"""`/keys` and `/sessions`: who may ask, and the browsers in which somebody signed in."""

from http import HTTPStatus
from typing import Annotated

import msgspec

from trailarrd.documents import Document
from trailarrd.documents.apikeys import Key, NewKey, OpenSession
from trailarrd.domain.apikey import digest_of, new_token
from trailarrd.store.credentials import ApiKey
from trailarrd.web.authentication import Caller
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import change, get
from trailarrd.web.services import Services

KeyName = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="letters, digits, '-', '_' and '.', a letter or digit first",
    ),
]
Mark = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$", description="a session's `id`")]


class Keys(Document, frozen=True, kw_only=True):
    """Every key, without what it is."""

    items: list[Key]


class Sessions(Document, frozen=True, kw_only=True):
    """Every browser in which somebody signed in."""

    items: list[OpenSession]


class KeyRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the key is to be called, and whether it may change something."""

    name: KeyName
    may_write: bool = False


@get("/keys")
async def keys(services: Services) -> Keys:
    """The keys, without what they are."""
    return Keys(items=[Key.of(key) for key in await services.store.api_keys()])


@change("POST", "/keys", status=HTTPStatus.CREATED, errors={409})
async def make_key(services: Services, *, body: KeyRequest) -> NewKey:
    """Make a key and tell it: only this once, as the database has no more than its hash."""
    token = new_token()
    key = ApiKey(body.name, digest_of(token), body.may_write, services.clock())
    if not await services.store.add_api_key(key):
        raise ProblemError(HTTPStatus.CONFLICT, f"there is a key {body.name!r} already")
    return NewKey(name=key.name, may_write=key.may_write, key=token)


@change("DELETE", "/keys/{key_name}", status=HTTPStatus.NO_CONTENT, errors={404, 409})
async def revoke_key(services: Services, *, key_name: KeyName, caller: Caller) -> None:
    """Refuse it from now on, and end the sessions that were opened with it; not the one that asks."""
    if caller.has_key and caller.name == key_name:
        raise ProblemError(
            HTTPStatus.CONFLICT, f"{key_name!r} is the key that asks; revoke it by another one"
        )
    if not await services.store.revoke_api_key(key_name):
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no key {key_name!r}")


@get("/sessions")
async def sessions(services: Services) -> Sessions:
    """Browsers in which somebody signed in, the one that was used last first."""
    names = {key.digest: key.name for key in await services.store.api_keys()}
    return Sessions(items=[OpenSession.of(one, names) for one in await services.store.sessions()])


@change("DELETE", "/sessions/{session_id}", status=HTTPStatus.NO_CONTENT, errors={404})
async def end_session(services: Services, *, session_id: Mark) -> None:
    """Have that browser sign in again, within two seconds."""
    for one in await services.store.sessions():
        if OpenSession.mark_of(one) == session_id:
            await services.store.close_session(one.digest)
            return
    raise ProblemError(HTTPStatus.NOT_FOUND, f"no session {session_id!r}")
