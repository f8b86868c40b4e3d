"""A command group that imports a command's module only when that command is named."""

import importlib
from keyword import iskeyword
from typing import Final

import click

COMMANDS: Final[dict[str, str]] = {
    "run": "Keep the database true until told to stop: the daemon.",
    "reload": "Have the running daemon read its configuration anew.",
    "init": "Write a first trailarrd.yaml, by asking and looking.",
    "import": "Take over what another program knows: Trailarr.",
    "check": "Find out what is not as it should be, and what to do.",
    "refresh": "One round for some or all connections, then exit.",
    "media": "List items: trailer, monitored and why.",
    "explain": "Why an item is in its state, and what would change that.",
    "connections": "List connections: state, last success, counts.",
    "status": "Is all well? From the running daemon, else from the database.",
    "history": "What happened to items, newest first.",
    "monitor": "Want a trailer for these items, whatever the mode says.",
    "unmonitor": "Want no trailer for these items, whatever the mode says.",
    "follow": "Drop your own choice for these items; the mode decides again.",
    "download": "Download trailers of these items, in a preview too.",
    "downloads": "List what is downloaded, and why others wait; stop, retry, delete.",
    "downloaders": "List what brings trailers, and what it lacks; update it.",
    "claim": "For downloaders: say that you are getting a trailer for these items.",
    "release": "For downloaders: give a claim back.",
    "removals": "List items whose removal is held; approve or discard it.",
    "vanished": "List items whose trailer vanished with many others; approve or discard that.",
    "quarantine": "List records that could not be read, and why.",
    "trust": "Say that root folders are the right ones, though not those that they were.",
    "webhook": "Let an Arr server tell at once what changes.",
    "notify": "Send a message to see whether it arrives.",
    "apikey": "Make, list and revoke keys to the HTTP API.",
    "service": "Let systemd run it: install, status, uninstall.",
    "plugins": "List plugins and what became of them; begin a new one.",
    "config": "Print the configuration with the origin of each value, or its JSON schema.",
    "forget": "Remove a connection that is no longer configured, with its items.",
    "completion": "Print what makes bash, zsh or fish complete commands and options.",
    "db": "Back the database up, check it, or restore it.",
    "demo": "See it work on simulated servers; touches nothing of yours.",
}
"""Every command with its one line, so that the overview needs no import."""
_HOMES: Final = {
    "monitor": "intents",
    "unmonitor": "intents",
    "follow": "intents",
    "download": "downloads",
    "claim": "claims",
    "release": "claims",
    "trust": "connections",
    "forget": "connections",
    "vanished": "removals",
    "quarantine": "refresh",
    "demo": "init",
    "import": "imports",
}
"""The modules of those that share one."""
ALIASES: Final = {"believe": "trust"}
"""Old names, which scripts may know; no overview has them."""


class LazyGroup(click.Group):
    """A command called NAME lives in `trailarrd.cli.NAME`, unless it shares another's module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click calls it so
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"trailarrd.cli.{_HOMES.get(name, name)}")
        command = getattr(module, f"{name}_" if iskeyword(name) else name)
        assert isinstance(command, click.Command)  # noqa: S101  # a promise of this package to itself
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click calls it so
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but a typing mistake gets the nearest command as a hint."""
        from difflib import get_close_matches

        if args and not args[0].startswith("-") and args[0] not in {**COMMANDS, **ALIASES}:
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else " See 'trailarrd --help'."
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)
