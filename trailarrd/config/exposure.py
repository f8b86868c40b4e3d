"""Which files with a secret in them everybody may read."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from trailarrd.config.secrets import secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trailarrd.config.model import Settings


def exposed(settings: Settings) -> list[Path]:
    """The files that the settings were read from, as far as others may read a secret in them."""
    secrets = [secret.reveal().encode(errors="replace") for secret in secrets_in(settings) if secret]
    return [path for path, content in _open_to_all(settings) if any(secret in content for secret in secrets)]


def _open_to_all(settings: Settings) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(settings.sources):
        try:
            if path.is_file() and stat.S_IMODE(path.stat().st_mode) & stat.S_IROTH:
                yield path, path.read_bytes()
        except OSError:
            continue
