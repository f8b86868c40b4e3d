"""The settings that count, each with where it comes from."""

from trailarrd.config import Settings
from trailarrd.config.diagnostic import address_text
from trailarrd.config.effective import effective
from trailarrd.documents import Document


class Setting(Document, frozen=True, kw_only=True):
    """One value, with the fields of `trailarrd config show --json`; a secret is masked."""

    setting: str
    value: str | int | float | bool | None
    origin: str
    file: str | None
    line: int | None
    variable: str | None
    reference: str | None


class Reloaded(Document, frozen=True, kw_only=True):
    """What became of a reload: connections by their names, or why the old configuration stays."""

    error: str | None
    """Every mistake of the new one, for people; null if it is in force."""
    added: list[str]
    changed: list[str]
    """With another server, another key, other mappings or another mode."""
    removed: list[str]
    rescheduled: list[str]
    """Unchanged but for when they are refreshed."""
    restart_needed: list[str]
    """Settings that were changed and count from the next start on."""


def settings_of(settings: Settings) -> list[Setting]:
    """All of them, in the order of the reference."""
    return [
        Setting.like(
            origin, setting=address_text(address), value=value, origin=origin.kind, reference=origin.via
        )
        for address, value, origin in effective(settings)
    ]
