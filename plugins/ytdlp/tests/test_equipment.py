"""What `trailarrd check` tells of yt-dlp: what is missing, too old or about to expire, and what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from trailarrd_ytdlp import equipment
from trailarrd_ytdlp.engine import Engines
from trailarrd_ytdlp.equipment import OLD, _of_engine, examine, find_deno
from trailarrd_ytdlp.options import Upkeep, YtdlpOptions


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    engines = Engines(tmp_path, None)
    (engines._folder / ".new" / "yt_dlp").mkdir(parents=True)
    engines._adopt(engines._folder / ".new", "2099.1.1")
    return engines


def test_an_engine_is_told_when_it_is_old_or_when_a_newer_one_is_known(engines: Engines) -> None:
    best = engines.best()
    assert best
    assert best.released
    young, old = (best.released + timedelta(days=days) for days in (OLD, OLD + 1))
    assert list(_of_engine(engines, young)) == []
    (lack,) = _of_engine(engines, old)
    assert (lack.fact, lack.blocking) == (
        "yt-dlp 2099.1.1 is 61 days old, and sites will have changed since",
        False,
    )
    assert "trailarrd downloaders update ytdlp" in lack.advice
    engines._note("2099.10.1")
    (lack,) = _of_engine(engines, young)
    assert lack.fact == "yt-dlp 2099.10.1 is out, and 2099.1.1 is used"


def script(folder: Path, text: str) -> Path:
    file = folder / "deno"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("echo 2-4-6", None),
        ("exit 133", "does not run a script"),
        ("echo deno 2.9.8", "does not run a script"),
    ],
)
async def test_deno_has_to_run_a_script_and_not_only_to_say_its_version(
    engines: Engines, tmp_path: Path, text: str, fact: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    deno = script(tmp_path, text)
    monkeypatch.setattr(equipment, "find_deno", lambda: deno)
    lacks = (await examine(engines, YtdlpOptions())).lacks
    assert [lack.fact for lack in lacks if "deno" in lack.fact] == (
        [f"{deno} {fact}, which YouTube needs"] if fact else []
    )


async def test_without_deno_only_youtube_is_in_trouble_and_it_is_told_first(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equipment, "find_deno", lambda: None)
    found = await examine(engines, YtdlpOptions(engine=Upkeep.OFF))
    assert found.version == "2099.1.1"
    assert [lack.fact for lack in found.lacks] == ["deno is not installed, which YouTube needs"]


@pytest.mark.skipif(find_deno() is None, reason="deno is not installed: .ci/run installs it")
async def test_the_deno_that_is_there_runs(engines: Engines) -> None:
    assert (await examine(engines, YtdlpOptions())).lacks == ()
