"""`/config`: the settings that count, each with where it comes from."""

from __future__ import annotations

import msgspec

from trailarrd.config.effective import effective
from trailarrd.config.wording import address_text
from trailarrd.web.route import get
from trailarrd.web.services import Services


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One value, with the fields of `trailarrd config show --json`; a secret is masked."""

    setting: str
    value: str | int | float | bool | None
    origin: str
    file: str | None
    line: int | None
    variable: str | None
    reference: str | None


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting that the daemon goes by now."""

    items: list[Setting]


@get("/config")
async def config(services: Services) -> Configuration:
    """What the daemon goes by now, secrets masked."""
    return Configuration(
        items=[
            Setting(
                setting=address_text(address),
                value=value,
                origin=origin.kind,
                file=origin.file,
                line=origin.line,
                variable=origin.variable,
                reference=origin.via,
            )
            for address, value, origin in effective(services.settings())
        ]
    )


ROUTES = (config,)
