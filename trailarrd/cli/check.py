"""`trailarrd check`."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import click

from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.output import counted, print_json, print_line, tell
from trailarrd.cli.progress import working
from trailarrd.cli.remote import Remote
from trailarrd.errors import ConfigError, ServiceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from trailarrd.documents.checks import Finding
    from trailarrd.domain.database import DatabaseAddress


@click.command(name="check")
@click.option("--offline", is_flag=True, help="Ask no server; look only at what is on this host.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one finding a line.")
@command_body
async def check(context: Context, offline: bool, as_json: bool) -> int:
    """Find out what is not as it should be, and what to do about it; changes nothing.

    Looks at the configuration, the database, the plugins, the way to each server, its application,
    version and key, and at each root folder: whether it is here, can be read, and really holds the
    library. For one that is not here the library is looked for on this host, and the path mapping is
    proposed, ready to be pasted.

    Exit code 0 if there is no problem, 1 if there is one, 78 if the configuration has mistakes.
    """
    return await examine(context, offline=offline, as_json=as_json)


async def examine(context: Context, *, offline: bool = False, as_json: bool = False) -> int:
    """Print every finding as it comes."""
    from trailarrd import doctor

    try:
        settings, mistakes = context.settings, ""
    except ConfigError as error:
        settings, mistakes = None, str(error)
    if not offline and (found := _of_the_daemon(context, mistakes)) is not None:
        return await _print(_each(found), as_json=as_json)
    if settings and (program := _for_the_service(settings.path)):
        return _as_the_service(program, settings.path, offline=offline, as_json=as_json)
    subject = doctor.Subject(
        plugins=context.plugins,
        providers=context.providers,
        downloaders=context.downloaders,
        settings=settings,
        mistakes=mistakes,
        overlooked=context.overlooked,
        database=_database(context),
        offline=offline,
    )
    code = await _print(_announced(doctor.examine(subject, now=context.now)), as_json=as_json)
    return ExitCode.CONFIG if settings is None else code


def _of_the_daemon(context: Context, mistakes: str) -> list[Finding] | None:
    """What the running daemon finds, if it has secrets that are not here, or is another user.

    None if it cannot help, or need not.
    """
    from trailarrd.documents.checks import Findings

    try:
        if (intercom := context.intercom) is None or context.visible is None:
            return None
        if mistakes and context.daemons_source and not context.other_config:
            tell(f"{mistakes}\nthe running daemon has what cannot be had here, so it checks")
        elif not mistakes and intercom.is_anothers and context.is_the_daemons:
            tell("the running daemon checks, as it may see other folders than you")
        else:
            return None
    except ConfigError:
        return None
    return Remote(intercom).ask("POST", "/checks", Findings, patience=None).items


def _for_the_service(path: Path) -> Path | None:
    """The program for the service's user, if root looks at what the service goes by, and would see more."""
    from trailarrd.config.location import SERVICE_CONFIG
    from trailarrd.service import account, unit

    if os.geteuid() != 0 or path.absolute().parent != SERVICE_CONFIG or not account.may_read(path):
        return None
    try:
        program = unit.program()
        unit.must_be_reachable(program)
    except ServiceError:
        return None
    return program


def _as_the_service(program: Path, path: Path, *, offline: bool, as_json: bool) -> int:
    from trailarrd.service import account

    flags = [flag for flag, is_given in (("--offline", offline), ("--json", as_json)) if is_given]
    tell(f"checked as the service's user, {account.NAME}")
    return account.run(program, "--config", str(path), "check", *flags, environ=os.environ)


async def _each(findings: list[Finding]) -> AsyncIterator[Finding]:
    for finding in findings:
        yield finding


async def _print(findings: AsyncIterator[Finding], *, as_json: bool) -> ExitCode:
    counts: Counter[str] = Counter()
    area = None
    async for finding in findings:
        counts[finding.level] += 1
        if as_json:
            print_json(finding)
            continue
        if finding.area != area:
            print_line(finding.area)
        area = finding.area
        for line in _lines(finding):
            print_line(line)
    if not as_json:
        print_line(_summary(counts["problem"], counts["warning"]))
    return ExitCode.TROUBLE if counts["problem"] else ExitCode.OK


async def _announced(findings: AsyncIterator[Finding]) -> AsyncIterator[Finding]:
    """The same, with a sign of life wherever one lets wait for itself."""
    while True:
        with working("checking"):
            finding = await anext(findings, None)
        if finding is None:
            return
        yield finding


def _database(context: Context) -> DatabaseAddress | None:
    """Where the database is, if the file says at least that."""
    try:
        return context.draft.database.address
    except ConfigError:
        return None


def _lines(finding: Finding) -> Iterator[str]:
    first, *more = finding.fact.splitlines() or [""]
    yield f"  {finding.level.value:8} {first}"
    yield from (f"           {line}" for line in more)
    if finding.level == "ok":
        return
    yield f"           {finding.meaning} [{finding.code.value}]"
    yield f"           {finding.advice}"
    if finding.paste:
        yield ""
        yield from finding.paste.splitlines()
        yield ""


def _summary(problems: int, warnings: int) -> str:
    if not problems + warnings:
        return "all is well"
    return f"{counted(problems, 'problem')}, {counted(warnings, 'warning')}"
