"""Its METADATA was lost by an upgrade that broke off."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="no-metadata", media_kind=MediaKind("thing"), api_manager=print, parser=print)
