"""Its hook would have to be awaited."""

from trailarrd.plugin import hookimpl


@hookimpl
async def trailarrd_providers():
    return []
