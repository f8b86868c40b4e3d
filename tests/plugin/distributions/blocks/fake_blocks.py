"""Waits for the network at import: half a minute."""

import time

time.sleep(30)

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    yield Provider(name="blocks", media_kind=MediaKind("thing"), api_manager=print, parser=print)
