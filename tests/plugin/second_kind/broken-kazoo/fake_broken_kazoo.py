"""Takes a name for a toy."""

from trailarrd.plugin import hookimpl


@hookimpl
def trailarrd_toys():
    yield "kazoo"
