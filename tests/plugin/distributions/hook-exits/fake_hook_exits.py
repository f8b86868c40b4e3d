"""Its hook ends the program."""

from trailarrd.plugin import hookimpl


@hookimpl
def trailarrd_providers():
    raise KeyboardInterrupt
