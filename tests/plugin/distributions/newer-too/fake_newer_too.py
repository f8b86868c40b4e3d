"""A provider as today, and beside it something of a kind that only a later trailarrd knows."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="newer-too", media_kind=MediaKind("thing"), api_manager=print, parser=print)


@hookimpl
def trailarrd_announcers():
    yield object()
