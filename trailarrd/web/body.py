"""The body of a request, if it comes in time: who sends a byte now and then holds nothing for ever."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from trailarrd.web.problem import ProblemError

if TYPE_CHECKING:
    from aiohttp import web

_PATIENCE: Final = 30.0
"""Seconds for the largest body that is taken, over the worst line."""


async def read(request: web.Request, *, patience: float = _PATIENCE) -> bytes:
    """All of it; raises a problem if that takes longer than `patience` seconds."""
    try:
        async with asyncio.timeout(patience):
            return await request.read()
    except TimeoutError:
        raise ProblemError(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the body did not arrive within {patience:g} s",
            headers={"Connection": "close"},
        ) from None
