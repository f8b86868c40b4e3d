"""`trailarrd apikey`."""

import re
from typing import Final

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import print_line, tell
from trailarrd.cli.table import Column, print_list

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COLUMNS: Final = (Column("name"), Column("may", "rights"), Column("made", "created"))


@click.group(name="apikey")
def apikey() -> None:
    """Make, list and revoke keys to the HTTP API.

    Without any key only programs on this host may use the API, and only for reading. As soon as there
    is one, everybody needs one. A key goes into the header X-Api-Key; the running daemon takes it at once.

    \b
    trailarrd apikey create grafana --read-only
    curl -H "X-Api-Key: $KEY" http://127.0.0.1:7979/api/v1/connections
    """


@apikey.command(name="create")
@click.argument("name")
@click.option("--read-only", is_flag=True, help="A key that may change nothing.")
@command_body
async def create(context: Context, name: str, read_only: bool) -> None:
    """Make a key and print it: only this once, as the database has no more than its hash."""
    from trailarrd.domain.apikey import digest_of, new_token
    from trailarrd.store.credentials import ApiKey

    if not _NAME.fullmatch(name):
        raise click.UsageError("A name has letters, digits, '-', '_' and '.', a letter or digit first.")
    token = new_token()
    key = ApiKey(name, digest_of(token), not read_only, context.now)
    async with context.store(create=True) as store:
        if not await store.add_api_key(key):
            raise click.UsageError(f"There is a key {name!r} already; revoke it first, or take another name.")
    print_line(token)
    tell("keep it: it cannot be shown again")


@apikey.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one key a line.")
@command_body
async def listing(context: Context, as_json: bool) -> None:
    """List the keys, without what they are."""
    from trailarrd.documents.apikeys import Key

    async with context.store(create=True) as store:
        keys = [Key.of(key) for key in await store.api_keys()]
    print_list(keys, _COLUMNS, as_json=as_json)
    if not keys and not as_json:
        tell("there is no key: only programs on this host may use the API, and only for reading")


@apikey.command(name="revoke")
@click.argument("name")
@command_body
async def revoke(context: Context, name: str) -> None:
    """Take a key back; the running daemon refuses it within seconds."""
    async with context.store(create=True) as store:
        if not await store.revoke_api_key(name):
            raise click.UsageError(f"No key {name!r}; see 'trailarrd apikey list'.")
    tell(f"key {name} is revoked")
