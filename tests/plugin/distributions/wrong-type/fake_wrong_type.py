"""Yields what is no provider."""

from trailarrd.plugin import hookimpl


@hookimpl
def trailarrd_providers():
    return [{"name": "dict"}]
