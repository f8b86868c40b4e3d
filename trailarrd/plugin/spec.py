"""The hooks that a plugin implements, each with what it yields."""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import pluggy

from trailarrd.plugin.downloader import Downloader
from trailarrd.plugin.provider import Provider

GROUP: Final = "trailarrd"
"""The entry-point group that plugins register in, and pluggy's project name."""

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)
"""Marks a plugin's hooks, as `trailarrd_providers`: a decorator, used as `@hookimpl` without arguments."""


@hookspec
def trailarrd_providers() -> Iterable[Provider[Any]]:  # type: ignore[empty-body]  # a hook has no body
    """Yield the providers of this plugin, one for each kind of server that it knows.

    A plain function without arguments, in the module that the entry point names. It is called once when
    trailarrd starts, and MUST NOT do any I/O, nor must the import of its module: both together have 20
    seconds, and nobody is served meanwhile. Whatever it raises is shown by `trailarrd plugins`; then
    the plugin's connections fail with that reason, and no others.

    In `pyproject.toml`::

        [project.entry-points.trailarrd]
        radarr = "trailarrd_radarr"

    In `trailarrd_radarr/__init__.py`, and that is all of a plugin::

        import msgspec
        from trailarrd.plugin import (
            ArrApiManager, ArrWebhook, Media, MediaKind, Provider, RemotePath, hookimpl
        )

        class MovieRecord(msgspec.Struct, rename="camel"):
            id: int
            title: str
            path: str
            monitored: bool = False
            tmdb_id: int = 0

        class RadarrApiManager(ArrApiManager[MovieRecord]):
            app_name = "Radarr"
            resource = "movie"
            record_type = MovieRecord

        def parse_movie(record):
            return Media(
                arr_id=record.id,
                title=record.title,
                path=RemotePath(record.path),
                monitored_remotely=record.monitored,
                external_ids={"tmdb": str(record.tmdb_id)} if record.tmdb_id > 0 else {},
            )

        @hookimpl
        def trailarrd_providers():
            yield Provider(
                name="radarr",
                media_kind=MediaKind("movie"),
                api_manager=RadarrApiManager,
                parser=parse_movie,
                identity="tmdb",
                webhook=ArrWebhook(item="movie"),
            )
    """


@hookspec
def trailarrd_downloaders() -> Iterable[Downloader]:  # type: ignore[empty-body]  # a hook has no body
    """Yield the downloaders of this plugin, by the rules of `trailarrd_providers`.

    A plugin may have both hooks or either. Whatever this one raises is shown by `trailarrd plugins`; then
    nothing of the plugin is used. All of one that copies from a folder, in which files are called by
    YouTube's ids::

        import asyncio
        import shutil
        from pathlib import Path

        from pydantic import BaseModel
        from trailarrd.plugin import Brought, Downloader, Progress, TransferGoneError, hookimpl

        YOUTUBE = "https://www.youtube.com/watch?v="

        class ArchiveOptions(BaseModel):
            folder: Path

        class Archive:
            def __init__(self, session, settings):
                self.folder = settings.options_as(ArchiveOptions).folder

            async def download(self, candidate, folder, quality, tell):
                name = candidate.url.removeprefix(YOUTUBE) + ".mp4"
                tell(Progress(step="copying"))
                try:
                    await asyncio.to_thread(shutil.copyfile, self.folder / name, folder / "video.mp4")
                except FileNotFoundError:
                    raise TransferGoneError(f"{name} is not in the archive") from None
                return Brought(file="video.mp4", url=candidate.url)

        @hookimpl
        def trailarrd_downloaders():
            yield Downloader(
                name="archive",
                build=Archive,
                fits=lambda url: 50 if url.startswith(YOUTUBE) else 0,
                site=lambda url: "archive",
                options=ArchiveOptions,
            )
    """


class Hook(NamedTuple):
    """One kind of thing that plugins offer."""

    kind: str
    """What people call one of them."""
    spec: Callable[[], Iterable[Any]]
    yields: type[Any]
    """Has a `name`, by which trailarrd.yaml means one of them, and `options` as a `Provider` has."""

    @property
    def name(self) -> str:
        """What its function is called in a plugin."""
        return self.spec.__name__


HOOKS: Final = (
    Hook(kind="provider", spec=trailarrd_providers, yields=Provider),
    Hook(kind="downloader", spec=trailarrd_downloaders, yields=Downloader),
)
"""Every hook of this version: whoever lists, loads, checks or documents plugins goes by it."""
