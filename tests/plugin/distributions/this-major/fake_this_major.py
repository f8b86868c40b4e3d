"""Requires the trailarrd that there is, and more besides."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="this-major", media_kind=MediaKind("thing"), api_manager=print, parser=print)
