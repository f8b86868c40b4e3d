"""Takes its time at import."""

import time

time.sleep(0.3)

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="slow", media_kind=MediaKind("thing"), api_manager=print, parser=print)
