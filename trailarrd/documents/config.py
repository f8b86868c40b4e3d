"""The settings that count, each with where it comes from."""

from typing import Self

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


class ConfigSource(Document, frozen=True, kw_only=True):
    """Which files the daemon goes by, by their absolute paths, and how they were when it read them."""

    path: str
    files: dict[str, list[int] | None]
    """Of each file device, inode, size, and times of change in nanoseconds; null if it was not there."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        files = {str(file): None if sign is None else list(sign) for file, sign in settings.signs.items()}
        return cls(path=str(settings.path.absolute()), files=files)


def settings_of(settings: Settings) -> list[Setting]:
    """All of them, in the order of the reference."""
    return [
        Setting.like(
            origin, setting=address_text(address), value=value, origin=origin.kind, reference=origin.via
        )
        for address, value, origin in effective(settings)
    ]
