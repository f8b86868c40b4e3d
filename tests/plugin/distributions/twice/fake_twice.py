"""Offers two providers under one name."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="twice", media_kind=MediaKind("thing"), api_manager=print, parser=print)
    yield Provider(name="twice", media_kind=MediaKind("thing"), api_manager=print, parser=print)
