"""The right thing, but returned where it should be yielded."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    return Provider(name="returns-one", media_kind=MediaKind("thing"), api_manager=print, parser=print)
