"""What yt-dlp says becomes the error that lets the right one wait, in words without its command line."""

from __future__ import annotations

import errno
import re
from typing import Any

import pytest

from plugins.ytdlp.tests.recorded import LINES, NO_FORMAT, Line
from trailarrd.domain.failure import Blame
from trailarrd.download.transfer import _failed
from trailarrd.plugin import Barrier, TransferError, TransferRefusedError, TransferRejectedError
from trailarrd_ytdlp.verdict import TABLE, error_of, needs_runtime


def word(line: Line, **more: Any) -> dict[str, Any]:
    return {"error": line.error, "cause": line.cause, "status": line.status, **more}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_means_what_it_says(line: Line) -> None:
    error = error_of(word(line))
    assert type(error) is line.means
    assert getattr(error, "because", None) is line.because
    assert getattr(error, "site_wide", False) is line.site_wide


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_its_words_are_for_a_user_of_trailarrd(line: Line) -> None:
    said = str(error_of(word(line)))
    assert said[0].islower()
    assert not re.search(r"--|\[youtube\]|aqz-KE-bpKQ|\n", said)


@pytest.mark.parametrize(
    ("line", "waits"),
    [
        *(("not a bot", Blame.SITE), ("429", Blame.SITE), ("403 of data", Blame.SITE)),
        *(("404", Blame.ADDRESS), ("private", Blame.ADDRESS), ("premiere", Blame.ADDRESS)),
        *(("age", Blame.SETTINGS), ("region", Blame.SETTINGS), ("members", Blame.SETTINGS)),
        *(("503", Blame.ITEM), ("403 of a page", Blame.ITEM), ("cut", Blame.ITEM), ("page", Blame.ITEM)),
        *(("cookies", Blame.DOWNLOADER), ("cookies in JSON", Blame.DOWNLOADER)),
    ],
)
def test_who_waits_for_the_next_try(line: str, waits: Blame) -> None:
    error = error_of(word(LINES[line]))
    assert isinstance(error, TransferError)
    assert _failed(error).failure.blame is waits


@pytest.mark.parametrize(("has_runtime", "waits"), [(True, Blame.SETTINGS), (False, Blame.DOWNLOADER)])
def test_without_a_runtime_the_user_is_waited_for(has_runtime: bool, waits: Blame) -> None:
    error = error_of({"error": NO_FORMAT, "cause": "ExtractorError"}, has_runtime=has_runtime)
    assert isinstance(error, TransferError)
    assert _failed(error).failure.blame is waits


def test_no_row_of_the_table_is_there_for_nothing() -> None:
    used = {
        next((row.pattern.pattern for row in TABLE if row.pattern.search(line.error)), "")
        for line in LINES.values()
    }
    assert {row.pattern.pattern for row in TABLE} <= used


def test_no_such_format_is_the_videos_trouble_only_where_a_runtime_works() -> None:
    said = {"error": NO_FORMAT, "cause": "ExtractorError"}
    assert needs_runtime(said)
    with_one = error_of(said, has_runtime=True)
    assert isinstance(with_one, TransferRefusedError)
    assert with_one.because is Barrier.FORMAT
    without = error_of(said, has_runtime=False)
    assert isinstance(without, TransferRejectedError)
    assert "no JavaScript runtime" in str(without)


def test_what_the_site_asks_us_to_wait_is_kept() -> None:
    error = error_of(word(LINES["429"], retry_after=90.0))
    assert getattr(error, "retry_after", None) == 90.0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_the_disks_trouble(number: int) -> None:
    error = error_of({"error": "unable to write data", "cause": "OSError", "errno": number})
    assert isinstance(error, OSError)
    assert error.errno == number


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ({"cause": "Refused", "error": "live"}, Barrier.LIVE),
        ({"cause": "Refused", "error": "too large"}, Barrier.SIZE),
        ({"cause": "OSError", "error": "[Errno 27] x", "errno": errno.EFBIG}, Barrier.SIZE),
        ({"cause": "PrivateAddress", "error": "10.0.0.1 is none"}, Barrier.PRIVATE_ADDRESS),
    ],
)
def test_what_the_child_itself_refuses_is_told_by_its_kind(said: dict[str, Any], means: Barrier) -> None:
    assert getattr(error_of(said), "because", None) is means


def test_a_child_that_died_and_one_without_an_engine_say_so() -> None:
    died = error_of({"cause": "Died", "code": -9, "error": "Killed"})
    assert isinstance(died, TransferError)
    assert "ended with -9" in str(died)
    missing = error_of({"cause": "NoEngine", "error": "yt-dlp cannot be used: No module named 'yt_dlp'"})
    assert isinstance(missing, TransferRejectedError)
    assert "pip install 'trailarrd-ytdlp[engine]'" in str(missing)
