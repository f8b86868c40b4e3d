"""Its hook fails at once."""

from trailarrd.plugin import hookimpl


@hookimpl
def trailarrd_providers():
    raise KeyError("nope")
