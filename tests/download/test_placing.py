"""A video comes into the library whole or not at all, and over nothing that is not ours."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial, wraps
from hashlib import sha256
from pathlib import Path

import pytest

from tests.download.conftest import Shelf
from trailarrd.domain.failure import Failure
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.placed import PlacedFile
from trailarrd.download.ours import is_ours
from trailarrd.download.placing import Guards, PlacingError, hidden_copy, remove, try_to_write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FREE = Guards(min_free=0)
placed_now = partial(PlacedFile, url="https://example.org/1", downloader="toy", at=NOW)
NAME = "Film (2020)-trailer.mp4"


@pytest.fixture
def video(tmp_path: Path) -> Path:
    file = tmp_path / "work" / "video.MP4"
    file.parent.mkdir()
    file.write_bytes(os.urandom(3 * 2**20 + 7))
    return file


def place(
    video: Path, shelf: Shelf, guards: Guards = FREE, *, replacing: PlacedFile | None = None
) -> PlacedFile:
    with hidden_copy(video, shelf.spot(), guards) as hidden:
        placed = hidden.described(placed_now)
        hidden.reveal(replacing)
    return placed


def test_it_lies_under_its_name_with_the_rights_of_its_folder(video: Path, shelf: Shelf) -> None:
    shelf.folder.chmod(0o2775)
    placed = place(video, shelf)
    trailer = shelf.folder / NAME
    assert placed.path == str(trailer)
    assert trailer.read_bytes() == video.read_bytes()
    assert (trailer.stat().st_mode & 0o7777, trailer.stat().st_nlink) == (0o664, 1)
    assert shelf.everything == [NAME, "Film (2020).mkv"]
    assert is_ours(placed, trailer)


def test_fifty_megabytes_are_written_once_more_and_read_once(video: Path, shelf: Shelf) -> None:
    size = 50 * 10**6
    os.truncate(video, size)
    before = moved()
    place(video, shelf)
    read, written = (after - former for after, former in zip(moved(), before, strict=True))
    assert size <= written < size + 2**20
    assert size <= read < size + 2**22, "and its beginning, by which it is known again"


def moved() -> tuple[int, int]:
    """Bytes that this process has read and written, of whatever kind of file."""
    told = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(told["rchar"]), int(told["wchar"])


def test_a_folder_for_trailers_is_made_with_the_rights_of_the_one_above(video: Path, shelf: Shelf) -> None:
    shelf.folder.chmod(0o2770)
    with hidden_copy(video, shelf.spot("Film", "Trailers"), FREE) as hidden:
        hidden.reveal()
    assert (shelf.folder / "Trailers" / "Film.mp4").stat().st_mode & 0o7777 == 0o660
    assert (shelf.folder / "Trailers").stat().st_mode & 0o7777 == 0o2770


def test_a_name_may_use_all_255_bytes(video: Path, shelf: Shelf) -> None:
    with hidden_copy(video, shelf.spot("é" * 121 + "-trailer"), FREE) as hidden:
        hidden.reveal()
    assert len(os.fsencode(shelf.seen[-1])) == 254


@pytest.mark.parametrize("error", [None, errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV])
def test_nothing_that_is_there_is_overwritten_whatever_the_file_system_can(
    video: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, error: int | None
) -> None:
    if error:
        monkeypatch.setattr(os, "link", failing(error))
    placed = place(video, shelf)
    with pytest.raises(PlacingError, match=NAME.replace("(", r"\(").replace(")", r"\)")) as caught:
        place(video, shelf)
    assert caught.value.failure is Failure.APPEARED
    assert is_ours(placed, placed.path)
    assert shelf.everything == [NAME, "Film (2020).mkv"]


def failing(error: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    return fail


@pytest.mark.parametrize(
    ("call", "error", "failure"),
    [
        ("write", errno.ENOSPC, Failure.NO_SPACE),
        ("write", errno.EDQUOT, Failure.NO_SPACE),
        ("write", errno.EIO, Failure.FOLDER),
        ("fsync", errno.EIO, Failure.FOLDER),
        ("open", errno.EROFS, Failure.DISK),
        ("open", errno.EACCES, Failure.NOT_WRITABLE),
        ("link", errno.EIO, Failure.FOLDER),
    ],
)
def test_a_disk_in_trouble_leaves_nothing_behind(
    video: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, call: str, error: int, failure: Failure
) -> None:
    real = getattr(os, call)

    def fail_on_hidden(*args: object, **options: object) -> object:
        if call != "open" or ".trailarrd" in str(args[0]):
            raise OSError(error, os.strerror(error))
        return real(*args, **options)

    monkeypatch.setattr(os, call, fail_on_hidden)
    with pytest.raises(PlacingError) as caught:
        place(video, shelf)
    monkeypatch.undo()
    assert caught.value.failure is failure
    assert shelf.everything == ["Film (2020).mkv"]


def test_room_is_left(video: Path, shelf: Shelf) -> None:
    with pytest.raises(PlacingError) as caught:
        place(video, shelf, Guards(min_free=2**62))
    assert caught.value.failure is Failure.NO_SPACE


def test_a_folder_that_is_gone_or_leads_elsewhere_gets_nothing(
    video: Path, shelf: Shelf, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shelf.folder.rename(elsewhere)
    with pytest.raises(PlacingError) as caught:
        place(video, shelf)
    assert caught.value.failure is Failure.FOLDER_GONE
    shelf.folder.symlink_to(elsewhere)
    with pytest.raises(PlacingError, match="leads out of its root folder"):
        place(video, shelf)
    assert [one.name for one in elsewhere.iterdir()] == ["Film (2020).mkv"]


def test_a_trailers_folder_that_is_a_link_is_not_followed(video: Path, shelf: Shelf, tmp_path: Path) -> None:
    (shelf.folder / "Trailers").symlink_to(tmp_path)
    with (
        pytest.raises(PlacingError) as caught,
        hidden_copy(video, shelf.spot("Film", "Trailers"), FREE),
    ):
        pass
    assert caught.value.failure is Failure.FOLDER_GONE


def test_a_trailer_that_appeared_meanwhile_is_left_alone(video: Path, shelf: Shelf) -> None:
    with pytest.raises(PlacingError, match=r"appeared meanwhile: other-trailer\.mkv"):
        place(video, shelf, Guards(min_free=0, appeared=lambda: "other-trailer.mkv"))
    assert shelf.everything == ["Film (2020).mkv"]


def test_who_was_given_up_makes_nothing_visible(video: Path, shelf: Shelf) -> None:
    guards = Guards(min_free=0)
    with hidden_copy(video, shelf.spot(), guards) as hidden:
        guards.given_up.set()
        with pytest.raises(PlacingError) as caught:
            hidden.reveal()
    assert caught.value.failure is Failure.STOPPED
    assert shelf.everything == ["Film (2020).mkv"]


def test_ours_is_replaced_and_what_has_become_anothers_is_not(video: Path, shelf: Shelf) -> None:
    old = place(video, shelf)
    video.write_bytes(b"another video")
    new = place(video, shelf, replacing=old)
    trailer = shelf.folder / NAME
    assert trailer.read_bytes() == b"another video"
    trailer.write_bytes(b"the users")
    with pytest.raises(PlacingError):
        place(video, shelf, replacing=new)
    assert trailer.read_bytes() == b"the users"


@pytest.mark.parametrize("change", ["grown", "same size", "older", "link", "folder", "gone"])
def test_only_ours_is_removed_and_only_while_it_is_that(video: Path, shelf: Shelf, change: str) -> None:
    placed = place(video, shelf)
    trailer = Path(placed.path)
    data = trailer.read_bytes()
    match change:
        case "grown":
            trailer.write_bytes(data + b"x")
        case "same size":
            trailer.write_bytes(bytes([data[0] ^ 1]) + data[1:])
            os.utime(trailer, ns=(placed.mtime_ns, placed.mtime_ns))
        case "older":
            os.utime(trailer, (1, 1))
        case _:
            trailer.unlink()
    if change == "link":
        trailer.symlink_to(shelf.folder / "Film (2020).mkv")
    if change == "folder":
        trailer.mkdir()
    before = shelf.seen
    assert remove(placed) is False
    assert shelf.seen == before


def test_ours_is_removed(video: Path, shelf: Shelf) -> None:
    assert remove(place(video, shelf)) is True
    assert shelf.seen == ["Film (2020).mkv"]


def test_what_a_kill_left_a_day_ago_is_cleared_and_nothing_else(video: Path, shelf: Shelf) -> None:
    for name, age in ((".trailarrd-old.part", 90_000), (".trailarrd-new.part", 10), (".other.part", 90_000)):
        (shelf.folder / name).touch()
        then = NOW.now(UTC).timestamp() - age
        os.utime(shelf.folder / name, (then, then))
    place(video, shelf)
    assert shelf.everything == [".other.part", ".trailarrd-new.part", NAME, "Film (2020).mkv"]


def test_a_folder_is_tried_before_anything_is_downloaded(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_to_write(str(shelf.folder))
    assert shelf.everything == ["Film (2020).mkv"]
    monkeypatch.setattr(os, "open", failing(errno.EROFS))
    with pytest.raises(PlacingError, match="Read-only file system"):
        try_to_write(str(shelf.folder))


_CALLS = ("open", "write", "fsync", "fchown", "fchmod", "fstat", "link", "unlink", "rename", "close", "pread")


def killed_at(number: int, work: Callable[[], object]) -> bool:
    """Do it in a child that is killed at its so many-th system call; whether it came so far."""
    child = os.fork()
    if child == 0:
        left = number

        def counting(real: Callable[..., object]) -> Callable[..., object]:
            @wraps(real)
            def call(*args: object, **options: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)

            return call

        for name in _CALLS:
            setattr(os, name, counting(getattr(os, name)))
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("replaces", [False, True])
def test_a_kill_between_any_two_steps_leaves_one_whole_file_or_none(
    video: Path, shelf: Shelf, replaces: bool
) -> None:
    video.write_bytes(b"new" * 1000)
    old = b"old" * 1000
    trailer, number = shelf.folder / NAME, 0
    is_killed = True
    while is_killed:
        number += 1
        for one in shelf.folder.glob(".trailarrd-*"):
            one.unlink()
        trailer.unlink(missing_ok=True)
        replacing = None
        if replaces:
            trailer.write_bytes(old)
            with trailer.open("rb") as opened:
                facts = os.fstat(opened.fileno())
            replacing = described(trailer, facts)
        is_killed = killed_at(number, partial(place, video, shelf, replacing=replacing))
        seen = {name: (shelf.folder / name).read_bytes() for name in shelf.seen}
        assert seen.pop("Film (2020).mkv") == b"film"
        allowed = [{NAME: b"new" * 1000}, {NAME: old} if replaces else {}]
        assert seen in allowed, f"killed at call {number}"
    assert number > 12
    assert trailer.read_bytes() == b"new" * 1000


def described(file: Path, facts: os.stat_result) -> PlacedFile:
    digest = sha256(file.read_bytes()).digest()
    return placed_now(
        path=LocalPath(str(file)), size=facts.st_size, mtime_ns=facts.st_mtime_ns, digest=digest
    )
