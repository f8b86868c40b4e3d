"""Nothing is wrong with it."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="good", media_kind=MediaKind("thing"), api_manager=print, parser=print)
