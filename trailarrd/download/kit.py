"""What every download works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trailarrd.domain.download import RESERVED
from trailarrd.download.transfer import Clocks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from trailarrd.config.download import DownloadSettings
    from trailarrd.domain.video import Limits
    from trailarrd.download.downloaders import Downloaders
    from trailarrd.download.library import Library
    from trailarrd.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """Settings, rooms and tools, the same for all."""

    store: Store
    settings: DownloadSettings
    downloaders: Downloaders
    library: Library
    work: Path
    clock: Callable[[], datetime]
    clean: Callable[[str], str]
    """Takes secrets out of what strangers say."""
    owner: str = f"{RESERVED}here"
    """Whose claims they are."""
    clocks: Clocks = field(default_factory=Clocks)

    @property
    def limits(self) -> Limits:
        return self.settings.limits()
