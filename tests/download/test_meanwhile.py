"""What happens in the middle of a download, and disks that take nothing: what is told, and the next try."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.download.household import NAME, Household, household, nothing
from tests.mounts import mount, read_only, tmpfs
from tests.postgres import DatabaseServer
from trailarrd.domain.failure import Failure
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.waiting import Why

SOON = timedelta(minutes=31)
FILM = "Film (2020).mkv"
REMOUNT = 32


@pytest.fixture
async def home(tmp_path: Path, clips: Path, server: DatabaseServer | None) -> AsyncIterator[Household]:
    """A film whose trailer is in the archive, and whose turn has come."""
    async with household(tmp_path, server=server) as home:
        await home.refresh()
        home.archived(clips / "good.mp4")
        home.now += timedelta(minutes=11)
        yield home


def found(home: Household) -> list[str]:
    """All that lies below the root folder, hidden or not, wherever that is."""
    root = next(one for one in (home.root, home.root.with_name("elsewhere")) if one.exists())
    return sorted(str(one.relative_to(root)) for one in root.rglob("*") if one.is_file())


async def folder_gone(home: Household) -> None:
    home.folder.rename(home.root / "Other")


async def folder_back(home: Household) -> None:
    (home.root / "Other").rename(home.folder)


async def root_gone(home: Household) -> None:
    home.root.rename(home.root.with_name("elsewhere"))


async def root_back(home: Household) -> None:
    home.root.with_name("elsewhere").rename(home.root)


async def film_gone(home: Household) -> None:
    (home.folder / FILM).unlink()


async def film_back(home: Household) -> None:
    (home.folder / FILM).write_bytes(b"film")


async def stranger(home: Household) -> None:
    (home.folder / NAME).write_bytes(b"the user's own")


async def stranger_gone(home: Household) -> None:
    (home.folder / NAME).unlink()


async def moved(home: Household) -> None:
    await folder_gone(home)
    await home.refresh(home.film(folder=home.root / "Other"))


async def unwanted(home: Household) -> None:
    await home.store.set_intent([1], intent=False, at=home.now, by="anna")


async def wanted(home: Household) -> None:
    await home.store.set_intent([1], intent=True, at=home.now, by="anna")


Act = Callable[[Household], Awaitable[None]]
MEANWHILE: dict[str, tuple[Act, Failure, str, Why | None, Act]] = {
    "folder gone": (folder_gone, Failure.FOLDER_GONE, "Film 1", Why.BACK_OFF, folder_back),
    "root gone": (root_gone, Failure.NOT_BELIEVED, "movies", Why.ROOT, root_back),
    "film gone": (film_gone, Failure.NO_OWN_FILE, "the file that its server has", Why.BACK_OFF, film_back),
    "stranger": (stranger, Failure.APPEARED, NAME, Why.BACK_OFF, stranger_gone),
    "unwanted": (unwanted, Failure.CHANGED, "not wanted any more", Why.NOT_WANTED, wanted),
}


@pytest.mark.parametrize("what", MEANWHILE)
async def test_what_changes_while_it_comes_is_seen_before_it_is_placed(home: Household, what: str) -> None:
    change, failure, told, why, undo = MEANWHILE[what]
    expected = list[list[str]]()

    async def meanwhile() -> None:
        await change(home)
        expected.append(found(home))

    home.meanwhile = meanwhile
    await home.round()
    turn = await home.turn()
    assert (found(home), home.left) == (expected[0], [])
    assert (turn.subject.memory.failure, turn.why) == (failure, why)
    assert told in (turn.subject.memory.told or "")
    assert (turn.subject.memory.attempts, (await home.row()).claimed_by) == (0, None)
    await undo(home)
    home.now += SOON
    assert (await home.turn()).why is None, "it is next"


async def test_a_trailer_goes_where_the_item_has_moved_meanwhile(home: Household) -> None:
    home.meanwhile = partial(moved, home)
    await home.round()
    home.meanwhile = nothing
    await home.round(later=SOON)
    assert found(home) == [f"Other/{NAME}", f"Other/{FILM}"]
    assert len(await home.events(HistoryEvent.DOWNLOADED)) == 1


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_a_disk_that_takes_nothing_makes_its_root_wait(home: Household, when: str) -> None:
    with ExitStack() as stack:
        asked = list[bool]()

        async def meanwhile() -> None:
            asked.append(True)
            if when == "meanwhile":
                stack.enter_context(read_only(home.root))

        home.meanwhile = meanwhile
        if when == "before":
            stack.enter_context(read_only(home.root))
        await home.round()
        assert len(asked) == (when == "meanwhile"), "what is known before is not found out by a download"
        await waits(home, Why.ROOT, Failure.DISK)
        assert dict(home.downloads.troubles)["download-root"].startswith(f"{home.root}: {home.folder}: ")
    home.meanwhile = nothing
    await home.round(later=SOON)
    assert home.seen == [NAME, FILM]


async def test_without_the_tools_that_look_at_it_no_site_is_asked(
    home: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    await home.round()
    await waits(home, Why.WORK, Failure.TOOLS)
    assert not await home.store.sites()
    assert dict(home.downloads.troubles)["download-work"].startswith("not found: ffprobe, ffmpeg")


async def test_a_folder_that_takes_nothing_waits_alone_and_many_in_a_row_make_their_root_wait(
    home: Household, clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.refresh(*(home.film(number) for number in range(1, 9)))
    home.archived(clips / "good.mp4", 2)
    real, forbidden = os.open, [*range(3, 9), 1]

    def opened(path: Path | str, *args: int, **where: int) -> int:
        if Path(path).parent == home.root and int(Path(path).name[-1:]) in forbidden:
            raise PermissionError(errno.EPERM, "Operation not permitted", path)
        return real(path, *args, **where)

    monkeypatch.setattr(os, "open", opened)
    home.now += SOON
    for due in (8, 7, 6, 5, 4):
        made = await home.round()
        assert made.next
        assert made.next.subject.id == due
        memory = (await home.turn(due)).subject.memory
        assert (memory.attempts, memory.next_try) == (1, home.now + timedelta(hours=1))
    assert {(await home.turn(number)).why for number in (1, 2, 3)} == {Why.ROOT}
    await home.round(later=SOON)
    await home.round()
    assert (home.root / "Film 2" / NAME).exists(), "3 waits alone"


@pytest.mark.parametrize(
    ("full", "size", "why", "failure"),
    [
        ("movies", "8k", Why.ROOT, Failure.NO_SPACE),
        ("movies", "24k", Why.ROOT, Failure.NO_SPACE),
        ("work", "1m", Why.WORK, Failure.NO_WORK),
    ],
    ids=["none at all", "too little", "work"],
)
async def test_what_a_full_disk_stops_waits_and_that_is_told_once(
    tmp_path: Path, clips: Path, full: str, size: str, why: Why, failure: Failure
) -> None:
    for name in ("movies", "work"):
        (tmp_path / name).mkdir()
    with tmpfs(tmp_path / full, options=f"size={size}"):
        async with household(tmp_path, min_free="4 kB", work=tmp_path / "work", max_size="2 MB") as home:
            await home.refresh()
            home.archived(clips / "good.mp4")
            for _ in range(2):
                await home.round(later=SOON)
                await waits(home, why, failure)
            (news,) = await home.events(HistoryEvent.NO_ROOM)
            assert news["told"].startswith(f"{tmp_path / full}")
            mount("tmpfs", tmp_path / full, flags=REMOUNT, options="size=4m")
            await home.round(later=SOON)
            assert home.seen == [NAME, FILM]


async def waits(home: Household, why: Why, failure: Failure) -> None:
    """For half an hour, of the work folder ten minutes; no attempt of the item's is counted."""
    turn = await home.turn()
    memory, wait = turn.subject.memory, timedelta(minutes=10 if why is Why.WORK else 30)
    assert (turn.why, turn.until) == (why, home.now + wait)
    assert (memory.failure, memory.attempts) == (failure, 0)
    assert (found(home), home.left) == ([f"Film 1/{FILM}"], [])
