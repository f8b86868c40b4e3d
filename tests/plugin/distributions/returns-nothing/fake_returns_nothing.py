"""Somebody forgot to yield."""

from trailarrd.plugin import hookimpl


@hookimpl
def trailarrd_providers():
    pass
