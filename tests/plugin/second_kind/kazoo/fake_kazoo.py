"""Offers a toy, and a provider beside it."""

from pydantic import BaseModel

from trailarrd.plugin import MediaKind, Provider, Toy, hookimpl


class KazooOptions(BaseModel):
    loudness: int = 11


@hookimpl
def trailarrd_toys():
    yield Toy(name="kazoo", options=KazooOptions)


@hookimpl
def trailarrd_providers():
    yield Provider(name="kazoo", media_kind=MediaKind("tune"), api_manager=print, parser=print)
