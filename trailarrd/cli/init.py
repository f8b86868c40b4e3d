"""`trailarrd init` and `demo`: the first steps."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from trailarrd.cli.check import examine
from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.output import tell
from trailarrd.cli.progress import working
from trailarrd.cli.prompt import ask
from trailarrd.domain.connection import ArrServer, BasicLogin
from trailarrd.domain.secret import Secret
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.config.annotated import NewConnection
    from trailarrd.doctor import ServerDetector

_ADDRESS: Final = "Address of a server, as in your browser (Enter: none)"


@click.command(name="init")
@click.option("--url", "urls", multiple=True, metavar="URL", help="A server's address; may be repeated.")
@click.option(
    "--key-file",
    "key_files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    callback=lambda _context, _parameter, files: tuple(file.absolute() for file in files),
    help="A file with the API key of each --url, in the same order.",
)
@click.option("--system", is_flag=True, help="For the system's service, in /etc/trailarrd.")
@command_body
async def init(context: Context, urls: tuple[str, ...], key_files: tuple[Path, ...], system: bool) -> int:
    """Write a first trailarrd.yaml: ask for each server's address and key, and find out the rest.

    Recognises the application, reads its root folders, looks for its library on this host, and writes
    the path mappings that it takes. The key goes into a file of its own that only you can read. Nothing
    that is there is overwritten. Ends with `trailarrd check`.

    The file is written to where --config or $TRAILARRD_CONFIG says, else into ~/.config/trailarrd, or by
    root into /etc/trailarrd.

    With --url and --key-file it asks nothing, for scripts; a key never stands on a command line.

    With --system it is for the service of this host: root's alone to change, the service's user may read
    it, the database lies in /var/lib/trailarrd, and the check is made by that user.
    """
    if system:
        return await _of_system(context, urls, key_files)
    path = new_file(context)
    connections = await _known(context, urls, key_files)
    if not connections:
        return ExitCode.TROUBLE
    write_new(path, connections, downloads=bool(context.downloaders))
    return await check_new(Context(str(path)), path)


async def _of_system(context: Context, urls: tuple[str, ...], key_files: tuple[Path, ...]) -> int:
    """The same for the service, whose user is made if he is not there."""
    from trailarrd.config.annotated import ADDED
    from trailarrd.config.location import SERVICE_CONFIG, SERVICE_STATE
    from trailarrd.service import account, unit

    if os.geteuid() != 0:
        raise click.UsageError("The system's service is root's to set up: sudo trailarrd init --system.")
    if context.explicit:
        raise click.UsageError("With --system the configuration lies in /etc/trailarrd; leave --config out.")
    path = _free(SERVICE_CONFIG / "trailarrd.yaml")
    unit.must_be_reachable(unit.program())
    connections = await _known(context, urls, key_files)
    if not connections:
        return ExitCode.TROUBLE
    account.make_account()
    own_keys = [_with_key(one) for one in connections]
    database, downloads = SERVICE_STATE / "trailarrd.db", bool(context.downloaders)
    written = write_new(path, own_keys, database=database, downloads=downloads)
    account.hand_over([*written, SERVICE_CONFIG / ADDED])
    code = account.run(unit.program(), "--config", str(path), "check")
    start = "systemctl enable --now trailarrd" if unit.packaged_unit() else "trailarrd service install"
    sudo = "sudo " if "SUDO_USER" in os.environ else ""
    tell("next:" if code == ExitCode.OK else "next, when that is mended:")
    tell(f"  {sudo}{start}\n  systemctl status trailarrd")
    return code


def _with_key(one: NewConnection) -> NewConnection:
    """With the key itself, to be written where the service may read it, and not where it lies now."""
    return replace(one, key=Secret(_read_key(one.key_file)), key_file=None) if one.key_file else one


async def _known(context: Context, urls: tuple[str, ...], key_files: tuple[Path, ...]) -> list[NewConnection]:
    """What is to be written, from options or by asking; says so if that is nothing."""
    from trailarrd.doctor import ServerDetector

    if len(urls) != len(key_files):
        raise click.UsageError("Each --url needs a --key-file, in the same order.")
    detector = ServerDetector(context.providers, os.environ.get("HOME"))
    if urls:
        connections = await _told(detector, list(zip(urls, key_files, strict=True)))
    else:
        connections = await _ask(detector)
    if not connections:
        tell("no server is known, so nothing is written")
    return connections


def write_new(
    path: Path,
    connections: Sequence[NewConnection],
    *,
    database: Path | None = None,
    downloads: bool = False,
) -> list[Path]:
    """Write them down, and say so; each file that was written."""
    from trailarrd.config.scaffold import write_config

    written = write_config(path, connections, database=database, downloads=downloads)
    for file in written:
        tell(f"{file} is written")
    return written


async def check_new(context: Context, path: Path) -> int:
    """Check what was written, and say what comes next."""
    code = await examine(context)
    program = "trailarrd" if _place(None) == path else f"trailarrd --config {path}"
    if code == ExitCode.OK:
        tell(f"next: {program} refresh --dry-run, which shows what it would do and writes nothing")
    else:
        tell(f"next, when that is mended: {program} check")
    return code


def new_file(context: Context) -> Path:
    """Where it will be; whoever cannot write there is told before the first question."""
    path = _free(_place(context.explicit))
    folder = next(one for one in path.absolute().parents if one.exists())
    if not os.access(folder, os.W_OK):
        raise click.UsageError(f"{folder} is not yours to write; say where by trailarrd --config FILE init.")
    return path


def _free(path: Path) -> Path:
    """The same path, if nothing is there that is the user's."""
    from trailarrd.config.scaffold import is_blank

    if path.exists() and not is_blank(path):
        raise click.UsageError(f"{path} is there already, and init overwrites nothing.")
    return path


def _place(explicit: str | None) -> Path:
    from trailarrd.config.location import new_config

    return new_config(explicit, os.environ, is_root=os.geteuid() == 0)


async def _told(detector: ServerDetector, servers: Sequence[tuple[str, Path]]) -> list[NewConnection]:
    """As the options say; the first server that is not known ends it."""
    connections: list[NewConnection] = []
    for url, file in servers:
        connections.append(await _detect(detector, url, _read_key(file), connections, key_file=file))
    return connections


def _read_key(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error


async def _ask(detector: ServerDetector) -> list[NewConnection]:
    """As the person at the terminal says; one that is not known costs none that is."""
    connections: list[NewConnection] = []
    url = ask(_ADDRESS)
    while url:
        key = ask("Its API key (Settings > General)", hidden=True)
        try:
            connections.append(await _log_in(detector, url, key, connections))
        except ConfigError as error:
            tell(f"{error}\ntry it again, or press Enter to go on without it")
            url = ask(_ADDRESS)
        else:
            url = _another()
    return connections


def _another() -> str:
    """The address of one more server; nothing if there is none."""
    said = ask("Another server? [y/N]")
    if said.casefold() in ("y", "yes"):
        return ask(_ADDRESS)
    return said if set(said) & set("/.:") else ""


async def _log_in(
    detector: ServerDetector, url: str, key: str, others: Sequence[NewConnection]
) -> NewConnection:
    """Get to know a server; the person is asked for the login that something in front of it wants."""
    from trailarrd.doctor import LoginWantedError

    try:
        return await _detect(detector, url, key, others)
    except LoginWantedError as error:
        tell(str(error))
        user = ask("Your user name there (Enter: none)")
        if not user:
            raise
        password = Secret(ask("Your password there", hidden=True))
        basic = BasicLogin(user=Secret(user), password=password)
        return await _detect(detector, url, key, others, basic=basic)


async def _detect(
    detector: ServerDetector,
    url: str,
    key: str,
    others: Sequence[NewConnection],
    *,
    key_file: Path | None = None,
    basic: BasicLogin | None = None,
) -> NewConnection:
    """Get to know a server, and say so; raises as `introduce` does."""
    from trailarrd.config.scaffold import address
    from trailarrd.doctor import introduce

    server = ArrServer(url=address(url), api_key=Secret(key), basic=basic)
    with working(f"asking {server.url}, and looking for its library here"):
        known = await introduce(detector, server, others, key_file=key_file)
    tell(known.told)
    return known.connection


@click.command(name="demo")
@command_body
async def demo(_context: Context) -> int:
    """Two simulated servers, a small media tree, two real refreshes, some seconds.

    Everything happens in a temporary folder and on 127.0.0.1; nothing of yours is read or changed.
    """
    from trailarrd.testing.demo import demo as run

    return await run()
