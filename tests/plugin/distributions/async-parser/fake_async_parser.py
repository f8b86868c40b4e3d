"""Whoever writes an async API manager may take the parser for one of its kind."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


async def parse(record):
    return record


@hookimpl
def trailarrd_providers():
    yield Provider(name="async-parser", media_kind=MediaKind("thing"), api_manager=print, parser=parse)
