"""Its hook lacks a letter."""

from trailarrd.plugin import hookimpl


@hookimpl
def trailarrd_provider():
    return []
