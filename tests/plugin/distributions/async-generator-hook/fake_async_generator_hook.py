"""Its hook yields, but only to those who wait."""

from trailarrd.plugin import hookimpl


@hookimpl
async def trailarrd_providers():
    yield None
