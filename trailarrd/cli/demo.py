"""`trailarrd demo`."""

import click

from trailarrd.cli.context import Context, command_body


@click.command(name="demo")
@command_body
async def demo(_context: Context) -> int:
    """Two simulated servers, a small media tree, two real refreshes, some seconds.

    Everything happens in a temporary folder and on 127.0.0.1; nothing of yours is read or changed.
    """
    from trailarrd.testing.demo import demo as run

    return await run()
