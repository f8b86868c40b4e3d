"""`trailarrd service`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from trailarrd import config
from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.output import tell
from trailarrd.config.location import SERVICE_CONFIG, SERVICE_STATE
from trailarrd.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

    from trailarrd.service.unit import Unit


@click.group(name="service")
def service() -> None:
    """Let systemd run trailarrd: as root for the whole system, else for you alone.

    For who installed it with pipx or pip; a package brings its unit along.
    """


@service.command(name="install")
@command_body
async def install(context: Context) -> None:
    """Write the unit, start it now and at each boot; again after the program or the configuration moved.

    As root it runs as a user of its own, which is made if it is not there, by the configuration in
    /etc/trailarrd.
    """
    from trailarrd.service import account, unit

    wanted = _unit()
    if (packaged := unit.packaged_unit()) and wanted.is_system:
        raise ServiceError(f"a package has brought {packaged}: 'systemctl enable --now trailarrd' starts it")
    program, path = unit.program(), _config(context, is_system=wanted.is_system)
    _ = Context(str(path)).visible  # what has mistakes would only end the service that runs
    if wanted.is_system:
        unit.must_be_reachable(program)
        account.make_account()
    wanted.install(program, path)
    tell(f"{wanted.path} is written and started, by {path}")
    if not wanted.is_system:
        tell("it runs while you are logged in; 'loginctl enable-linger' lets it run from boot on")


@service.command(name="status")
@command_body
async def status(_context: Context) -> ExitCode:
    """Show how systemd sees the service; exit code 0 if it runs. `trailarrd status` says how it is."""
    return ExitCode.TROUBLE if _unit().show() else ExitCode.OK


@service.command(name="uninstall")
@command_body
async def uninstall(_context: Context) -> None:
    """Stop the service and take its unit away; configuration and database stay, and are named."""
    wanted = _unit()
    if not wanted.path.exists():
        raise ServiceError(f"there is no {wanted.path}: nothing was installed by 'trailarrd service install'")
    wanted.uninstall()
    tell(f"{wanted.path} is gone")
    if wanted.is_system:
        tell(
            "what is left, and how to remove it for good:\n"
            f"  configuration and keys: rm -r {SERVICE_CONFIG}\n"
            f"  database, with your choices: rm -r {SERVICE_STATE}\n"
            f"  your changes of the unit: rm -r {wanted.path}.d\n"
            "  user and group: userdel trailarrd"
        )
    else:
        tell("configuration and database stay where they are")


def _unit() -> Unit:
    """The system's for root, else the user's own."""
    from trailarrd.service.unit import Unit, must_have_systemd

    must_have_systemd()
    return Unit.of_system() if os.geteuid() == 0 else Unit.of_user(os.environ)


def _config(context: Context, *, is_system: bool) -> Path:
    """The configuration that the service goes by; raises `ConfigError` if there is none."""
    named = context.explicit or os.environ.get("TRAILARRD_CONFIG")
    if is_system and named is None:
        named = str(SERVICE_CONFIG / "trailarrd.yaml")
    return config.find_config(named, os.environ).absolute()
