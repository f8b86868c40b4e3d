"""`trailarrd plugins new`: names what it wrote and what to do next, and overwrites nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.template.test_distribution import FILES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine


async def test_the_command_names_the_files_and_what_to_do_next(
    trailarrd: CommandLine, tmp_path: Path
) -> None:
    done = await trailarrd.bare("plugins", "new", "my-tunes", "--at", str(tmp_path / "here"))
    assert done.code == 0
    assert done.out.splitlines() == [str(tmp_path / "here" / name) for name in FILES]
    assert f"cd {tmp_path / 'here'}" in done.err
    assert "pytest -x" in done.err


async def test_without_a_folder_it_is_called_as_the_distribution(
    trailarrd: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (await trailarrd.bare("plugins", "new", "tunes")).code == 0
    assert (tmp_path / "trailarrd-tunes" / "pyproject.toml").is_file()


async def test_a_downloader_is_written_where_one_is_asked_for(trailarrd: CommandLine, tmp_path: Path) -> None:
    done = await trailarrd.bare("plugins", "new", "archive", "--downloader", "--at", str(tmp_path / "here"))
    assert done.code == 0
    source = (tmp_path / "here/src/trailarrd_archive/__init__.py").read_text(encoding="utf-8")
    assert "def trailarrd_downloaders()" in source


@pytest.mark.parametrize("name", ["My Tunes", "tunes_2", "-tunes", "TUNES", "../tunes", ""])
async def test_a_name_that_no_provider_can_have_is_wrong_usage(
    trailarrd: CommandLine, tmp_path: Path, name: str
) -> None:
    done = await trailarrd.bare("plugins", "new", "--at", str(tmp_path / "x"), "--", name)
    assert done.code == 2
    assert "is no name for a provider" in done.err
    assert not (tmp_path / "x").exists()


async def test_a_folder_that_cannot_be_written_is_told(trailarrd: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = await trailarrd.bare("plugins", "new", "tunes", "--at", str(tmp_path / "file" / "below"))
    assert done.code == 2
    assert "cannot write" in done.err
    assert "Traceback" not in done.err
