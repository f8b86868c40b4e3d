"""`trailarrd notify`."""

from typing import Final

import click

from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.output import print_line
from trailarrd.cli.progress import working

_TITLE: Final = "trailarrd"
_BODY: Final = "This is a test: what happens to your trailers is told here."


@click.group(name="notify")
def notify() -> None:
    """Messages to people, by the services that notify.urls in trailarrd.yaml names."""


@notify.command(name="test")
@command_body
async def test(context: Context) -> ExitCode:
    """Send a message to each address of notify.urls now, and say which services took it.

    Exit code 1 if one did not.
    """
    from trailarrd.daemon.notifier import senders
    from trailarrd.domain.notification import Message

    urls = context.settings.notify.urls
    if not urls:
        raise click.UsageError("notify.urls in trailarrd.yaml names no address.")
    code = ExitCode.OK
    for position, send in enumerate(senders(urls)):
        with working("asking the service"):
            took = await send(Message(_TITLE, _BODY))
        said = "the service took the message" if took else "the service did not take it; check the address"
        print_line(f"notify.urls[{position}]: {said}")
        code = code if took else ExitCode.TROUBLE
    return code
