"""A library, a database and a site, and all that downloads from it; nothing refreshes by itself."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from tests.blank import lay_blank
from tests.domain.library import Listed
from tests.store.conftest import Library as Refreshes
from tests.world import DatabaseFile
from trailarrd.config import load
from trailarrd.disk.roots import Roots
from trailarrd.domain.download import Ask, OwnAddress
from trailarrd.domain.media import MediaKind
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import Item, Observation
from trailarrd.domain.trailers import STANDARD, TrailerRules
from trailarrd.download.downloaders import Downloaders
from trailarrd.download.downloads import Downloads
from trailarrd.download.kit import Kit
from trailarrd.download.library import Library
from trailarrd.download.transfer import Clocks
from trailarrd.plugin import Brought, Downloader, Progress, TransferGoneError
from trailarrd.store.store import Store
from trailarrd.testing.toy import TOY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from tests.postgres import DatabaseServer
    from trailarrd.domain.history import HistoryEvent
    from trailarrd.domain.placed import PlacedFile
    from trailarrd.download.planner import Plan, Turn
    from trailarrd.store.listing import MediaRow

CONNECTIONS = ("movies", "movies-4k")
YOUTUBE = "https://www.youtube.com/watch?v="
NAME = "Film (2020)-trailer.mp4"
HOUR = timedelta(hours=1)
BEGIN = ["Film (2020).mkv"]
DONE = [NAME, *BEGIN]


class ArchiveOptions(BaseModel):
    folder: Path


async def nothing() -> None:
    """What else happens while a video comes."""


class Archive:
    """Copies from a folder in which files are called by YouTube's ids, as the tutorial's does."""

    def __init__(
        self, _session: Any, settings: Any, meanwhile: Callable[[], Awaitable[None]] = nothing
    ) -> None:
        self.folder = settings.options_as(ArchiveOptions).folder
        self.meanwhile = meanwhile

    async def download(self, candidate: Any, folder: Path, _quality: Any, tell: Any) -> Brought:
        name = candidate.url.removeprefix(YOUTUBE) + ".mp4"
        tell(Progress(step="copying"))
        try:
            await asyncio.to_thread(shutil.copyfile, self.folder / name, folder / "video.mp4")
        except FileNotFoundError:
            raise TransferGoneError(f"{name} is not in the archive") from None
        await self.meanwhile()
        return Brought(file="video.mp4", url=candidate.url)


ARCHIVE = Downloader(
    name="archive",
    build=Archive,
    fits=lambda url: 50 if url.startswith(YOUTUBE) else 0,
    site=lambda _url: "archive",
    options=ArchiveOptions,
)


@dataclass
class Household:
    store: Store
    refreshes: Refreshes
    root: Path
    state: Path
    downloads: Downloads
    clocks: Clocks
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    looked: list[int] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] = nothing
    """Awaited in the middle of what the archive brings."""

    @property
    def folder(self) -> Path:
        """Of the first film."""
        return self.root / "Film 1"

    @property
    def seen(self) -> list[str]:
        return sorted(one.name for one in self.folder.iterdir())

    @property
    def left(self) -> list[str]:
        """What the work folder holds."""
        work = self.state / "downloads"
        return sorted(one.name for one in work.iterdir()) if work.exists() else []

    def film(self, number: int = 1, folder: Path | None = None, **fields: Any) -> Listed:
        """Film N, of which the server has a file and knows a trailer, as a refresh sees its folder now."""
        folder = folder or self.root / f"Film {number}"
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "Film (2020).mkv").write_bytes(b"film")
        fields = {"youtube_trailer_id": f"{number:011}", "has_file": True, **fields}
        media = self.refreshes.item(number, main_file="Film (2020).mkv", **fields).item.media
        trailers = sorted(one.name for one in folder.iterdir() if "-trailer." in one.name)
        state = TrailerState.PRESENT if trailers else TrailerState.ABSENT
        seen = Observation(state, next(iter(trailers), None), own_file=True)
        return Listed(Item(media, LocalPath(str(folder)), f"tmdb:{number}"), seen)

    def archived(self, clip: Path, number: int = 1) -> None:
        """The archive has the video that the server suggests for that film."""
        shutil.copyfile(clip, self.state.parent / "archive" / f"{number:011}.mp4")

    async def refresh(self, *films: Listed, name: str = "movies") -> None:
        self.refreshes.now = self.now
        await self.refreshes.refresh(*(films or (self.film(),)), name=name)

    async def ask(
        self, url: str | None = None, *, number: int = 1, now: bool = True, afar: bool = False
    ) -> None:
        """As the command line does, or from afar."""
        own = OwnAddress(url=url, public_only=afar) if url else None
        await self.store.ask_download([number], Ask(at=self.now, by="anna", now=now), own)

    async def round(self, *, later: timedelta = timedelta()) -> Plan:
        self.now += later
        return await self.downloads.round()

    async def turn(self, number: int = 1) -> Turn:
        """What is planned for a film."""
        turns = (await self.downloads.plan([number])).turns
        return next(turn for turn in turns if turn.subject.id == number)

    async def placed(self) -> list[PlacedFile]:
        return await self.store.placed_of(1)

    async def row(self, number: int = 1) -> MediaRow:
        return next(one for one in (await self.refreshes.rows()).values() if one.id == number)

    async def events(self, *which: HistoryEvent) -> list[dict[str, Any]]:
        """Details of what happened, in its order."""
        found = reversed(await self.store.history())
        return [dict(one.detail) for one in found if one.event in which]


@asynccontextmanager
async def household(
    folder: Path,
    *,
    server: DatabaseServer | None = None,
    clocks: Clocks | None = None,
    is_quiet: bool = False,
    works_at: Sequence[str] = CONNECTIONS,
    rules: TrailerRules = STANDARD,
    **download: Any,
) -> AsyncIterator[Household]:
    """Its settings make a test quick, unless told otherwise; its database is a file, or on a server."""
    database = server or DatabaseFile(folder / "state" / "trailarrd.db")
    root, state = folder / "movies", folder / "state"
    root.mkdir(exist_ok=True)
    (folder / "archive").mkdir(exist_ok=True)

    def build(session: Any, settings: Any) -> Archive:
        return Archive(session, settings, lambda: home.meanwhile())  # noqa: PLW0108  # it is another one later

    installed = {"toy": TOY, "archive": replace(ARCHIVE, build=build)}
    settings = load(
        _written(folder, database.url, download),
        providers={"radarr": _NoOptions()},
        environ={},
        downloaders=installed,
    )
    assert settings.download
    if database.path and not database.path.exists():
        lay_blank(database.path)
    async with Store.open(settings.database.url, busy_timeout=2.0) as store:
        await store.register([(name, "radarr", MediaKind("movie")) for name in CONNECTIONS])
        home = Household(
            *(store, Refreshes(store, database), root, state),
            downloads=None,  # type: ignore[arg-type]  # in a moment
            clocks=clocks or Clocks(stall=5, limit=20),
        )

        async def look_again(_connection: str, number: int) -> None:
            home.looked.append(number)

        kit = Kit(
            store=store,
            settings=settings.download,
            downloaders=Downloaders(installed, settings.download, state / "downloaders"),
            library=Library(store, Roots(), settings, {"radarr": rules}, lambda: home.now),
            work=settings.download.folder(state),
            clock=lambda: home.now,
            clean=lambda text: text,
            clocks=home.clocks,
        )
        home.downloads = Downloads(
            kit,
            settings,
            look_again=look_again,
            quiet=lambda: is_quiet,
            works_at=lambda: store.peers.held if store.peers else None,
        )
        async with store.daemon_lock():
            if store.peers:
                await store.peers.take(works_at)
            yield home


class _NoOptions:
    options = None


def _written(folder: Path, url: str, download: dict[str, Any]) -> Path:
    said = {
        "preview": "false",
        "min_free": "0 B",
        "pause": "{from: 0s, to: 0s}",
        "length": "{from: 3s, to: 5min}",
        "options": f"{{archive: {{folder: {folder / 'archive'}}}}}",
        **download,
    }
    lines = [
        f"database: {{url: '{url}'}}",
        "connections:",
        *(
            f"  - {{name: {name}, provider: radarr, url: 'http://127.0.0.1:1', api_key: k}}"
            for name in CONNECTIONS
        ),
        "download:",
        *(f"  {key}: {value}" for key, value in said.items()),
    ]
    path = folder / "trailarrd.yaml"
    path.write_text("\n".join(lines))
    return path
