"""Never stops yielding."""

import itertools

from trailarrd.plugin import MediaKind, Provider, hookimpl


@hookimpl
def trailarrd_providers():
    for number in itertools.count():
        yield Provider(name=f"p{number}", media_kind=MediaKind("thing"), api_manager=print, parser=print)
