"""Offers what another plugin offers too."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="taken", media_kind=MediaKind("thing"), api_manager=print, parser=print)
