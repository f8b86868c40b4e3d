"""`trailarrd webhook`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import print_line, tell
from trailarrd.cli.progress import working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from trailarrd.config import ConnectionSettings
    from trailarrd.plugin.registration import WebhookRegistrar, WebhookTarget

_USER = "trailarrd"
"""What is sent along with the token; it has no meaning."""


@click.group(name="webhook")
def webhook() -> None:
    """Let an Arr server tell at once what changes, instead of waiting for the next refresh.

    \b
    trailarrd webhook register movies --url http://nas:7979
    trailarrd webhook token movies --url http://nas:7979
    trailarrd webhook remove movies

    The server must reach the running daemon: http.listen must be an address that it can reach, and --url
    is that address as the server sees it.
    """


@webhook.command(name="register")
@click.argument("name")
@click.option("--url", required=True, metavar="URL", help="The daemon as the Arr server reaches it.")
@click.option("--untested", is_flag=True, help="Do not let the server try whether it reaches the daemon.")
@command_body
async def register(context: Context, name: str, url: str, untested: bool) -> None:
    """Create the webhook in connection NAME's server, or bring it up to date.

    A new token is made for it each time; the one before is worth nothing any more.
    """
    from trailarrd.domain.apikey import digest_of, new_token

    connection = _connection(context, name)
    token = new_token()
    target = _target(name, url, token)
    async with context.store(create=True) as store:
        before = (await store.webhook_digests()).get(name)
        url_before = (await store.webhook_urls()).get(name)
        await store.put_webhook_token(name, digest_of(token), context.now, target.url)
        try:
            async with _registrar(context, connection) as registrar:
                with working("asking the server"):
                    await registrar.put_webhook(target, tested=not untested)
        except BaseException:
            # What the server has still is the token before; without one it has no webhook of ours.
            if before is None:
                await store.remove_webhook_token(name)
            else:
                await store.put_webhook_token(name, before, context.now, url_before)
            raise
    print_line(f"{name}: the server posts its events to {target.url}")


@webhook.command(name="token")
@click.argument("name")
@click.option("--url", required=True, metavar="URL", help="The daemon as the Arr server reaches it.")
@command_body
async def token(context: Context, name: str, url: str) -> None:
    """Print where connection NAME's server may post its events, with a new token; the server is not asked.

    For a webhook that you register there by hand: under Settings, Connect, with this as its URL. The
    token before is worth nothing any more, and this one cannot be shown again.
    """
    from trailarrd.domain.apikey import digest_of, new_token

    _require(name, context.outline.names)
    made = new_token()
    target = _target(name, url)
    async with context.store(create=True) as store:
        await store.put_webhook_token(name, digest_of(made), context.now)
    print_line(f"{target.url}/{made}")
    tell(f"keep it: it cannot be shown again; or write {target.url}, with the last part as the password")


@webhook.command(name="remove")
@click.argument("name")
@command_body
async def remove(context: Context, name: str) -> None:
    """Remove the webhook from connection NAME's server, and take its events no more."""
    connection = _connection(context, name)
    target = _target(name, "http://removed")
    async with context.store(create=True) as store:
        async with _registrar(context, connection) as registrar:
            with working("asking the server"):
                was_there = await registrar.remove_webhook(target)
        await store.remove_webhook_token(name)
    tell(f"{name}: the webhook is removed" if was_there else f"{name}: its server has no webhook of ours")


def _connection(context: Context, name: str) -> ConnectionSettings:
    connections = {connection.name: connection for connection in context.settings.connections}
    _require(name, connections)
    return connections[name]


def _require(name: str, configured: Collection[str]) -> None:
    if name not in configured:
        raise click.UsageError(f"No connection {name!r}; configured are: {', '.join(sorted(configured))}.")


def _target(name: str, url: str, token: str = "") -> WebhookTarget:
    from trailarrd.domain.secret import Secret
    from trailarrd.plugin.registration import WebhookTarget

    if not url.startswith(("http://", "https://")):
        raise click.UsageError("--url must begin with http:// or https://.")
    return WebhookTarget(
        name=f"trailarrd {name}",
        url=f"{url.rstrip('/')}/hooks/{name}",
        username=_USER,
        password=Secret(token),
    )


@asynccontextmanager
async def _registrar(context: Context, connection: ConnectionSettings) -> AsyncIterator[WebhookRegistrar]:
    """The connection's API manager, if it can register webhooks, while its session is open."""
    from trailarrd.discovery.unloaded import lent_api_manager
    from trailarrd.plugin.registration import WebhookRegistrar
    from trailarrd.plugin.session import open_session

    provider = context.providers[connection.provider]
    server = connection.arr_server()
    async with open_session(server) as session, lent_api_manager(provider, session, server) as api:
        if provider.webhook is None or not isinstance(api, WebhookRegistrar):
            raise click.UsageError(f"Provider {provider.name!r} cannot register webhooks.")
        yield api
