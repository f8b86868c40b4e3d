"""Mistakes of those who listen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.testing.contract.mutants.mistake import Mistakes
from trailarrd.plugin import (
    ArrLive,
    ProviderError,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import ClientSession

    from trailarrd.plugin import ArrServer

mistakes = Mistakes()
HEALTHY = ArrLive(item="author")


@mistakes.live("test_live_begins_with_the_whole_library")
async def forgets_what_was_before(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    async for hint in HEALTHY(session, server):
        if not hint.whole:
            yield hint


@mistakes.live("test_live_names_the_item")
async def listens_for_its_own_name(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    async for hint in ArrLive(item="Bookarr")(session, server):
        yield hint


@mistakes.live("test_live_names_the_item")
async def takes_all_for_actions(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    async for message, hint in HEALTHY.overheard(session, server):
        if hint and (not message or message["body"]["action"]):
            yield hint
        elif message and not message["body"]["action"]:
            return


@mistakes.live("test_a_deleted_item_is_told_apart")
async def calls_everything_deleted(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    async for hint in HEALTHY(session, server):
        yield replace(hint, deleted=bool(hint.arr_ids))


@mistakes.live("test_noise_asks_for_nothing")
async def hears_all_of_it(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    async for hint in ArrLive(item="author", parts={"queue": "id", "health": "id"})(session, server):
        yield hint


@mistakes.live("test_a_deleted_part_ends_nothing", "test_a_command_without_items_ends_nothing")
async def stumbles_over_nothing(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    yield await anext(aiter(HEALTHY(session, server)))
    raise ProviderUnavailableError("0 is no id")


@mistakes.live("test_a_command_that_ended_names_its_items")
async def hears_no_commands(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    async for hint in HEALTHY(session, server):
        if hint.whole or hint.event.startswith("author"):
            yield hint


@mistakes.live("test_what_is_told_again_is_heard_again", says="remember nothing")
async def hears_each_but_once(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    heard = []
    async for hint in HEALTHY(session, server):
        if hint.whole or hint not in heard:
            yield hint
        heard.append(hint)


@mistakes.live("test_what_is_told_again_is_heard_again")
async def ends_at_a_double(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    last = None
    async for hint in HEALTHY(session, server):
        if hint == last:
            raise ProviderUnavailableError("that was said already")
        last = hint
        yield hint


@mistakes.live("test_a_command_that_ended_names_its_items", says="their status")
async def hears_no_failure(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    async for hint in HEALTHY(session, server):
        if "Move" not in hint.event:
            yield hint


@mistakes.live("test_a_deleted_item_is_told_apart")
async def hears_no_deletion(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    async for hint in HEALTHY(session, server):
        if not hint.deleted:
            yield hint


@mistakes.live("test_a_hub_that_closes_is_worth_another_try")
async def takes_a_goodbye_for_the_end(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    try:
        async for hint in HEALTHY(session, server):
            yield hint
    except ProviderUnavailableError:
        return


@mistakes.live("test_live_ends_by_an_error_only")
async def gives_up_silently(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    try:
        async for hint in HEALTHY(session, server):
            yield hint
    except ProviderResponseError:
        return


@mistakes.live("test_live_with_a_wrong_key_is_rejected")
async def tries_a_wrong_key_again(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    try:
        async for hint in HEALTHY(session, server):
            yield hint
    except ProviderRejectedError as error:
        raise ProviderUnavailableError("later") from error


@mistakes.live("test_live_is_worth_another_try")
async def is_easily_offended(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    try:
        async for hint in HEALTHY(session, server):
            yield hint
    except ProviderError as error:
        raise ProviderResponseError("never again") from error


@mistakes.live("test_live_can_be_cancelled")
async def says_goodbye_for_long(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    try:
        async for hint in HEALTHY(session, server):
            yield hint
    finally:
        await asyncio.sleep(3.5)


@mistakes.live("test_no_error_of_live_tells_the_key")
async def names_the_address(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    try:
        async for hint in HEALTHY(session, server):
            yield hint
    except ProviderError as error:
        where = f"{server.url}/signalr?access_token={server.api_key.reveal()}"
        raise ProviderUnavailableError(f"{where}: {error}") from None


@mistakes.live("test_live_leaves_nothing_running", says="end in `finally` what you began")
async def leaves_its_pings(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    PINGS.append(asyncio.ensure_future(asyncio.sleep(60)))
    async for hint in HEALTHY(session, server):
        yield hint


@mistakes.live("test_the_key_of_live_is_in_no_address", says="no access_token=")
async def asks_as_browsers_do(session: ClientSession, server: ArrServer) -> AsyncGenerator[Any, None]:
    address = f"{server.url}/signalr/messages?access_token={server.api_key.reveal()}"
    async with session.get(address, headers={"X-Api-Key": server.api_key.reveal()}, allow_redirects=False):
        async for hint in HEALTHY(session, server):
            yield hint


PINGS: list[asyncio.Future[None]] = []
"""What is kept by nobody may end by itself."""
