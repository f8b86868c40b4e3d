"""Greets whoever imports it."""

print("hello from the plugin")

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="prints", media_kind=MediaKind("thing"), api_manager=print, parser=print)
