"""Offers a toy whose name another plugin has taken."""

from trailarrd.plugin import Toy, hookimpl


@hookimpl
def trailarrd_toys():
    yield Toy(name="kazoo")
