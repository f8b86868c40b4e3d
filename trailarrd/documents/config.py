"""The settings that count, each with where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.config.effective import effective
from trailarrd.config.wording import address_text
from trailarrd.documents import Document

if TYPE_CHECKING:
    from trailarrd.config import Settings


class Setting(Document, frozen=True, kw_only=True):
    """One value, with the fields of `trailarrd config show --json`; a secret is masked."""

    setting: str
    value: str | int | float | bool | None
    origin: str
    file: str | None
    line: int | None
    variable: str | None
    reference: str | None


def settings_of(settings: Settings) -> list[Setting]:
    """All of them, in the order of the reference."""
    return [
        Setting(
            setting=address_text(address),
            value=value,
            origin=origin.kind,
            file=origin.file,
            line=origin.line,
            variable=origin.variable,
            reference=origin.via,
        )
        for address, value, origin in effective(settings)
    ]
