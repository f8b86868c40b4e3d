"""Yields no provider at all."""

from trailarrd.plugin import hookimpl


@hookimpl
def trailarrd_providers():
    yield from ()
