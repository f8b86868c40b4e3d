"""Its provider's name cannot be written in YAML without thought."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="Bad Name", media_kind=MediaKind("thing"), api_manager=print, parser=print)
