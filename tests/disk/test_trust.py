"""A root that is another directory than before is believed only if it shows what it showed before."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.disk.conftest import see
from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.roots import Remembered, RootHistory, RootState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.disk.conftest import Disk
    from trailarrd.domain.roots import RootObservation

NAMES = [f"{number:02}" for number in range(10)]


class Library:
    """Ten items below one root; those with an even number have a trailer. Refreshed again and again."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self.root = root
        self.disk = disk
        self.roots = Roots(deadline=5, scandir=disk.scandir, stat=disk.stat)
        self.hashes: dict[LocalPath, int] = {}
        self.remembered: list[Remembered] = []
        self.recalled = 0
        for name in NAMES:
            self.make(name)

    def make(self, name: str, *, trailer: bool | None = None) -> None:
        (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / name / "the item itself.mkv").write_bytes(b"video")
        if trailer if trailer is not None else int(name) % 2 == 0:
            (self.root / name / "a-trailer.mkv").write_bytes(b"video")

    def unmount(self, *litter: str) -> None:
        """The folder is another one now, with this in it."""
        self.root.rename(self.root.with_name("the library"))
        self.root.mkdir()
        for name in litter:
            (self.root / name).mkdir()

    def mount(self) -> None:
        """The library is back."""
        self.root.rename(self.root.with_name("the mount point"))
        self.root.with_name("the library").rename(self.root)

    def place(self, name: str) -> LocalPath:
        return LocalPath(str(self.root / name))

    async def look(self, names: Iterable[str] = NAMES) -> tuple[RootObservation, list[str]]:
        """One refresh: the root as it was found, and what each item showed; remembered for the next."""
        trust = RootTrust(self.roots, RootHistory(self.hashes, self._recall))
        root = LocalPath(str(self.root))
        await trust.check([root])
        looks = await see(Scanner(trust), [LookRequest(self.place(name), None, root) for name in names])
        (found,) = trust.observations
        self.hashes = {} if found.directory_hash is None else {found.path: found.directory_hash}
        known = {one.folder: one for one in self.remembered}
        for name, seen in zip(names, looks, strict=True):
            if seen.trailer is not TrailerState.UNKNOWN:
                folder = self.place(name)
                known[folder] = Remembered(folder, seen.trailer is TrailerState.PRESENT)
        self.remembered = list(known.values())
        return found, [seen.trailer.value for seen in looks]

    async def _recall(self) -> list[Remembered]:
        self.recalled += 1
        return self.remembered


AS_IT_IS = ["present", "absent"] * 5
UNKNOWN = ["unknown"] * 10


@pytest.fixture
def library(tmp_path: Path, disk: Disk) -> Library:
    return Library(tmp_path / "movies", disk)


async def test_the_same_directory_is_believed_without_a_question(library: Library) -> None:
    for _ in range(3):
        found, seen = await library.look()
        assert (found.state, seen) == (RootState.OK, AS_IT_IS)
    assert library.recalled == 0


async def test_another_number_alone_makes_no_root_unknown(library: Library, disk: Disk) -> None:
    """As with NFS, btrfs, ZFS and overlay file systems: a new number at every mount."""
    await library.look()
    for number in (4711, 4712, 4713):
        disk.put_on_device(library.root, number)
        found, seen = await library.look()
        assert (found.state, seen) == (RootState.OK, AS_IT_IS)
    await library.look()
    assert library.recalled == 3, "the new number is remembered: the fourth look had no question"


async def test_a_mount_point_with_a_stray_file_is_unknown_until_its_folders_are_back(
    library: Library,
) -> None:
    first, _ = await library.look()
    library.unmount("an upload")
    for _ in range(3):
        found, seen = await library.look()
        assert (found.state, seen) == (RootState.OTHER_DEVICE, UNKNOWN)
        assert (found.directory_hash, found.unseen) == (first.directory_hash, 10)
    library.mount()
    found, seen = await library.look()
    assert (found.state, seen, found.directory_hash) == (RootState.OK, AS_IT_IS, first.directory_hash)


async def test_a_bind_mount_on_the_same_file_system_is_told_from_its_mount_point(library: Library) -> None:
    await library.look()
    before = library.root.stat().st_dev
    library.unmount("an upload")
    assert library.root.stat().st_dev == before
    assert (await library.look())[0].state is RootState.OTHER_DEVICE


async def test_new_items_that_a_server_put_into_the_mount_point_are_no_evidence(library: Library) -> None:
    """Two of the five items that had a trailer are less than half."""
    await library.look()
    library.unmount("00", "02", "01", "03", "05", "07", "09")
    found, seen = await library.look()
    assert (found.state, seen) == (RootState.OTHER_DEVICE, UNKNOWN)


async def test_half_of_the_folders_that_had_a_trailer_are_evidence_enough(library: Library) -> None:
    """Three of five: the others were deleted while the number changed."""
    await library.look()
    library.unmount("00", "02", "04")
    library.make("04", trailer=True)
    found, seen = await library.look()
    assert found.state is RootState.OK
    assert seen == ["absent"] * 4 + ["present"] + ["absent"] * 5


async def test_where_nothing_had_a_trailer_one_items_folder_is_evidence(library: Library) -> None:
    for file in library.root.glob("*/a-trailer.mkv"):
        file.unlink()
    await library.look()
    library.unmount("an upload")
    assert (await library.look())[0].state is RootState.OTHER_DEVICE
    library.make("07", trailer=False)
    found, seen = await library.look()
    assert (found.state, seen) == (RootState.OK, ["absent"] * 10)


async def test_a_root_that_never_showed_an_items_folder_cannot_miss_one(library: Library, disk: Disk) -> None:
    """Items that are wanted but not there yet, beside something else."""
    library.unmount("something else")
    await library.look()
    disk.put_on_device(library.root, 4711)
    found, seen = await library.look()
    assert (found.state, seen) == (RootState.OK, ["absent"] * 10)


async def test_folders_that_could_not_be_read_do_not_make_a_root_forgotten(
    library: Library, disk: Disk
) -> None:
    first, _ = await library.look()
    for name in NAMES:
        disk.fail(library.root / name, 5)
    found, seen = await library.look()
    assert (found.state, found.directory_hash, seen) == (RootState.OK, first.directory_hash, UNKNOWN)


async def test_the_order_of_batches_makes_no_difference(library: Library, disk: Disk) -> None:
    """Items without a folder come first; the evidence is below the same root all the same."""
    await library.look()
    disk.put_on_device(library.root, 4711)
    found, seen = await library.look(["wanted 1", "wanted 2", *NAMES])
    assert (found.state, seen) == (RootState.OK, ["absent", "absent", *AS_IT_IS])


async def test_another_directory_under_the_look_believes_no_loss(library: Library, disk: Disk) -> None:
    """The library is unmounted after the first folders; what takes its place is not empty."""
    await library.look()
    disk.before(library.root / "04", lambda: library.unmount("03", "an upload"))
    found, seen = await library.look()
    assert found.state is RootState.OTHER_DEVICE
    assert seen == ["present", "unknown", "present", *["unknown"] * 7]


async def test_evidence_that_hangs_times_out_within_the_deadline(library: Library, disk: Disk) -> None:
    await library.look()
    disk.put_on_device(library.root, 4711)
    disk.hang_when_asked(library.root / "00")
    library.roots.deadline = 0.2
    began = time.monotonic()
    found, seen = await library.look()
    assert (found.state, seen) == (RootState.TIMED_OUT, UNKNOWN)
    assert time.monotonic() - began < 3


async def test_a_root_whose_own_number_hangs_times_out(library: Library, disk: Disk) -> None:
    disk.hang_when_asked(library.root)
    library.roots.deadline = 0.2
    assert (await library.look())[0].state is RootState.TIMED_OUT


async def test_evidence_is_the_nearest_roots_own(tmp_path: Path, disk: Disk) -> None:
    """A root inside a root says nothing about the outer one."""
    inner = Library(tmp_path / "media/4k", disk)
    outer = Library(tmp_path / "media", disk)
    await inner.look()
    await outer.look()
    remembered = [*inner.remembered, *outer.remembered]
    for name in NAMES:
        (outer.root / name).rename(tmp_path / name)

    async def recall() -> list[Remembered]:
        return remembered

    roots = dict.fromkeys((*inner.hashes, *outer.hashes), 1)
    trust = RootTrust(inner.roots, RootHistory(roots, recall))
    await trust.check(roots)
    assert {found.path: found.state for found in trust.observations} == {
        str(inner.root): RootState.OK,
        str(outer.root): RootState.OTHER_DEVICE,
    }


async def test_no_more_than_200_folders_are_asked_for_and_from_all_over(tmp_path: Path, disk: Disk) -> None:
    root = tmp_path / "movies"
    folders = [root / f"{number:04}" for number in range(1000)]
    for folder in folders[500:]:
        folder.mkdir(parents=True)
    remembered = [Remembered(LocalPath(str(folder)), had_trailer=True) for folder in folders]

    async def recall() -> list[Remembered]:
        return remembered

    path = LocalPath(str(root))
    trust = RootTrust(Roots(stat=disk.stat), RootHistory({path: 1}, recall))
    await trust.check([path])
    assert trust.is_trusted(path), "exactly half are there"
    assert 1 < sum(disk.asked[str(folder)] for folder in folders) <= 200


async def test_many_roots_that_hang_end_in_bounded_time_and_threads(tmp_path: Path, disk: Disk) -> None:
    """Items outside every root folder, each with a parent of its own on a share that is gone."""
    parents = [tmp_path / str(number) for number in range(500)]
    disk.hang(*parents)
    trust = RootTrust(Roots(deadline=0.1, scandir=disk.scandir))
    async with asyncio.timeout(20):
        await trust.check(LocalPath(str(parent)) for parent in parents)
    assert {found.state for found in trust.observations} == {RootState.TIMED_OUT}
    assert 64 <= sum(disk.listed.values()) < 80


async def test_two_who_share_a_root_that_hangs_share_the_thread_and_both_go_on(
    tmp_path: Path, disk: Disk
) -> None:
    (tmp_path / "good/Heat").mkdir(parents=True)
    disk.hang(tmp_path / "bad")
    roots = Roots(deadline=0.2, scandir=disk.scandir)
    paths = [LocalPath(str(tmp_path / name)) for name in ("bad", "good")]
    trusts = [RootTrust(roots), RootTrust(roots)]
    await asyncio.gather(*(trust.check(paths) for trust in trusts))
    for trust in trusts:
        assert [trust.is_trusted(path) for path in paths] == [False, True]
    assert disk.listed[str(tmp_path / "bad")] == 1
    disk.back.set()
    await asyncio.sleep(0.1)  # the thread that both gave up comes back, and nobody stumbles over it


async def test_what_is_not_utf8_can_be_remembered(tmp_path: Path, disk: Disk) -> None:
    library = Library(tmp_path / "caf\udce9", disk)
    found, _ = await library.look()
    found.path.encode()
    library.unmount("an upload")
    assert (await library.look())[0].state is RootState.OTHER_DEVICE
