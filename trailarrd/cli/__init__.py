"""Words in, tables or JSON out, exit codes; no logic.

One module per command. What is slow to import is imported inside the command that needs it, so that
`trailarrd --help` stays instant.
"""

import atexit
import gc
import os
import sys
from typing import Final

import click

from trailarrd.cli.group import LazyGroup
from trailarrd.domain.text import escaped
from trailarrd.errors import (
    ConfigError,
    ConfigTimeoutError,
    DatabaseError,
    DatabaseTooNewError,
    TrailarrdError,
)

_COLLECT_AFTER: Final = (200_000, 50, 50)
"""New objects after which Python looks for garbage.

By default that is after 700, which takes a tenth of the time of a start and of a large list, and finds none.
Whoever runs on looks more often once it has started.
"""


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=(
        "Exit codes: 0 all well; 1 a connection failed or held something; 2 wrong usage; "
        "75 trouble with the database, try again; 78 the configuration or the database needs you; "
        "130 you ended it by Ctrl-C.\n\n"
        "Completion for your shell: see 'trailarrd completion --help'."
    ),
)
@click.option(
    "--config",
    "-c",
    metavar="FILE",
    help=(
        "The configuration. Default: $TRAILARRD_CONFIG, else the first that is there of trailarrd.yaml in"
        " ~/.config/trailarrd, in /etc/trailarrd, and here."
    ),
)
@click.version_option(None, "--version", "-V", package_name="trailarrd", prog_name="trailarrd")
@click.pass_context
def trailarrd(context: click.Context, config: str | None) -> None:
    """Know which of your movies and series have a trailer, and which want one.

    Start with `trailarrd init`, which writes trailarrd.yaml, then `trailarrd refresh` and
    `trailarrd media --wants-trailer`. `trailarrd run` keeps it all true from then on.
    """
    context.obj = config


def main() -> None:
    """The command line; turns every expected error into one message and its exit code."""
    # pydantic would load whatever plugins of its own are installed, and fail where one's files are damaged.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(*_COLLECT_AFTER)
    # Before it ends, Python looks through all that it has loaded for garbage once more, which takes a sixth
    # of the time of a list; what is frozen is left out.
    atexit.register(gc.freeze)
    try:
        code = trailarrd.main(prog_name="trailarrd", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except TrailarrdError as error:
        click.echo(escaped(f"trailarrd: {error}"), err=True)
        code = _code_of(error)
    sys.exit(code or 0)


def _code_of(error: TrailarrdError) -> int:
    from trailarrd.cli.context import ExitCode

    match error:
        case DatabaseTooNewError():
            return ExitCode.CONFIG
        case DatabaseError() | ConfigTimeoutError():
            return ExitCode.DATABASE
        case ConfigError():
            return ExitCode.CONFIG
    return ExitCode.TROUBLE
