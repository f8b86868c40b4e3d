"""`trailarrd completion`."""

import click


@click.command(name="completion")
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes SHELL complete commands and options: bash, zsh or fish.

    The Debian package has installed it already.

    \b
    eval "$(trailarrd completion bash)"       in ~/.bashrc
    eval "$(trailarrd completion zsh)"        in ~/.zshrc
    trailarrd completion fish | source        in ~/.config/fish/config.fish
    """
    from click.shell_completion import ShellComplete, get_completion_class

    kind = get_completion_class(shell)
    assert kind  # noqa: S101  # click knows all three
    root = click.get_current_context().find_root().command
    # Not by the method of its own: that starts the shell to ask for its version.
    click.echo(ShellComplete.source(kind(root, {}, "trailarrd", "_TRAILARRD_COMPLETE")))
