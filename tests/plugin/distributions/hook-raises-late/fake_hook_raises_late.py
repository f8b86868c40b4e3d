"""Its hook fails after the first provider."""

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="half", media_kind=MediaKind("thing"), api_manager=print, parser=print)
    raise RuntimeError("later")
