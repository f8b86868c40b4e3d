"""The contract between the core and a downloader."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from msgspec import Struct

from trailarrd.plugin.provider import SLUG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiohttp import ClientSession
    from pydantic import BaseModel

    from trailarrd.domain.secret import Secret

OptionsT = TypeVar("OptionsT")


class Candidate(Struct, frozen=True, kw_only=True):
    """One video that is said to be an item's trailer: by the user, or by the item's Arr server.

    Nothing of the item is in it: what a downloader brings is judged and named by the core.
    """

    url: str
    """`http` or `https`. What YouTube's id alone was known of is `https://www.youtube.com/watch?v=ID`."""
    public_only: bool = True
    """Whether only hosts of the public internet may be asked, after a redirect, too.

    So it is unless the address was given on the command line, or `download.private_addresses` allows it.
    The session keeps to it by itself; whatever asks without the session MUST do so, too.
    """


class Quality(Struct, frozen=True, kw_only=True):
    """What shall be brought, where there is a choice."""

    height: int
    """Lines of the picture: the best up to there, else the smallest above."""
    max_bytes: int
    """Of the file. It MUST NOT grow beyond, nor what is brought on the way to it."""
    languages: tuple[str, ...] = ()
    """Of the sound, as `de` or `pt-BR`, most wanted first; empty: the original's."""


class Progress(Struct, frozen=True, kw_only=True):
    """How far a download is. What is not known is None, and what was told before need not be repeated."""

    step: str
    """For people, in a word: `looking`, `downloading`, `merging`."""
    done: int | None = None
    """Bytes that have come in this step."""
    total: int | None = None
    """Bytes that this step will have brought; never less than `done`."""
    duration: float | None = None
    """Of the video, in seconds."""
    width: int | None = None
    """Of the picture, in pixels."""
    height: int | None = None
    """Of the picture, in pixels."""


class Brought(Struct, frozen=True, kw_only=True):
    """What `Download.download` has left in its folder, and what the site said of it."""

    file: str
    """The plain name of the one file there; its suffix is `mp4`, `m4v`, `mkv`, `mov` or `webm`."""
    url: str
    """Where it came from in the end, without any secret."""
    title: str | None = None
    """What the site calls it."""
    duration: float | None = None
    """Its length in seconds, as the site says. One that is not what the file has is told to the user."""


class Lack(Struct, frozen=True, kw_only=True):
    """Something that a downloader needs and does not have as it should."""

    fact: str
    """What is so, in lower case and without a full stop."""
    advice: str
    """What to do about it."""
    blocking: bool
    """Whether downloads fail by it, of some site at least: an error for `trailarrd check`, else a warning."""


class Equipment(Struct, frozen=True, kw_only=True):
    """What a downloader works with, and whether it has all that it needs."""

    version: str | None = None
    """Of the program or library that does the work."""
    released: date | None = None
    """When that version came out."""
    lacks: tuple[Lack, ...] = ()
    """What is not as it should be; empty: all is well."""


class Download(Protocol):
    """Brings videos from where they are into a folder; knows nothing of libraries, and nothing of trailarrd.

    It is built with an aiohttp `ClientSession` and `DownloaderSettings`, for one download or to be examined,
    used from one event loop, and dropped. It MUST NOT block that loop for 50 ms.

    It raises only `TransferUnavailableError` (try later), `TransferRejectedError` (only the user helps),
    `TransferGoneError` (never this address again), `TransferRefusedError` (not this address as things are)
    or `TransferResponseError` (an answer that cannot be used). Their texts are for the user: lower case,
    what is wrong and what to do, nothing secret. The `OSError` of a disk that takes no more may get through
    as it is. Anything else is reported as the plugin's mistake and fails that download alone.
    """

    async def download(
        self, candidate: Candidate, folder: Path, quality: Quality, tell: Callable[[Progress], None]
    ) -> Brought:
        """Bring one video, and leave it as the only file in `folder`, which is new and empty.

        It MUST write nowhere else but into `folder` and `DownloaderSettings.state`. It MUST have ended
        whatever it began, processes too, before it returns or raises, and within 5 seconds when it is
        cancelled; the folder is then thrown away as a whole. It MUST call `tell` whenever something has
        moved: who tells nothing for 60 seconds is cancelled, and so is who takes longer than 15 minutes.
        `tell` raises if what was told refuses the video, as by its length or its size: let that through.

        What it returns is not believed: the core looks what is in the folder, takes one plain file and no
        link, and probes it. Names in the folder are the downloader's own, never the site's.

        Raises:
            TransferUnavailableError: no answer, or none for now; `site_wide` if all of the site is meant.
            TransferRejectedError: something is missing here, or the site wants another account.
            TransferGoneError: the site itself says that there is no such video any more.
            TransferRefusedError: it is there, but not for us; `because` says what stands in the way.
            TransferResponseError: what came is no video, or not all of it.
        """
        ...


@runtime_checkable
class Examiner(Protocol):
    """What a `Download` MAY have beyond its contract: it tells what it works with, and what it lacks.

    `trailarrd check` and `trailarrd downloaders show` ask for it.
    """

    async def examine(self) -> Equipment:
        """What is there now, without asking anybody over the network; within 20 seconds. Raises nothing."""
        ...


@runtime_checkable
class Updater(Protocol):
    """What a `Download` MAY have beyond its contract: what it works with can be exchanged in between.

    `trailarrd downloaders update NAME` and `rollback NAME` need it. It keeps that in
    `DownloaderSettings.state`, and what is under way goes on with what it began with.
    """

    async def update(self) -> str:
        """Bring it up to date and try it before it counts; returns the version that counts then.

        Raises a `TransferError` with the reason if nothing was changed.
        """
        ...

    async def rollback(self) -> str:
        """Go back to the one before; returns its version.

        Raises a `TransferError` if there is none.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloaderSettings:
    """All that a downloader may know of the configuration."""

    state: Path
    """A folder of its own that stays, for what it keeps; it may not be there yet."""
    proxy: Secret | None = None
    """`download.proxy`: the address through which everything is asked. The session knows it."""
    options: BaseModel | None = None
    """An instance of `Downloader.options`; None if there is no such model."""

    def options_as(self, kind: type[OptionsT]) -> OptionsT:
        """The downloader's own settings, typed: `settings.options_as(MyOptions)`.

        Raises `TypeError` if they are of another kind, which cannot be for the model that
        `Downloader.options` names.
        """
        if not isinstance(self.options, kind):
            raise TypeError(f"the options are {type(self.options).__name__}, not {kind.__name__}")
        return self.options


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloader:
    """Brings videos of some addresses: what a plugin yields from `trailarrd_downloaders`."""

    name: str
    """What `download.options` calls it: lower-case letters, digits and single hyphens.

    Of two plugins that offer the same one neither is used.
    """
    build: Callable[[ClientSession, DownloaderSettings], Download]
    """Builds the `Download`; does no I/O itself.

    The session goes through the user's proxy and keeps to public addresses where it has to.
    """
    fits: Callable[[str], int]
    """Pure: how well it can bring what is at that address, from 0 (not at all) to 100 (made for it).

    Of several downloaders the one that fits best is asked, and no other.
    """
    site: Callable[[str], str]
    """Pure: whose address that is, as `youtube` or a host: pauses, quota and trouble are counted by it.

    Every address of one site gives the same, and the oddest string gives something.
    """
    options: type[BaseModel] | None = None
    """A pydantic model of what `download.options.NAME` may say; None: nothing.

    It is read as a provider's is. What must never be shown is a `pydantic.SecretStr`.
    """

    def __post_init__(self) -> None:
        name: object = self.name
        if not isinstance(name, str) or not SLUG.fullmatch(name):
            raise ValueError(f"name {self.name!r} is not a lower-case slug such as 'archive'")
        for field in ("build", "fits", "site"):
            value = getattr(self, field)
            if not callable(value):
                raise TypeError(f"{field} is not callable")
            if inspect.iscoroutinefunction(value):
                raise TypeError(f"{field} is async: it is a plain function, write def instead of async def")
        if self.options is not None and not hasattr(self.options, "model_fields"):
            raise TypeError("options is not a pydantic model")
