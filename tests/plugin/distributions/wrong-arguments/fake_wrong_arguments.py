"""Its hook wants to be told something."""

from trailarrd.plugin import hookimpl


@hookimpl
def trailarrd_providers(settings):
    return [settings]
