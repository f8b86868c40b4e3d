"""`trailarrd db`: backup, check, restore and copy, as a user types them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.world import DatabaseFile
from trailarrd.store.schema import head
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from tests.postgres import DatabaseServer

SUBCOMMANDS = ["backup", "check", "restore"]


def titles(path: Path) -> list[str]:
    return sorted({title for (title,) in DatabaseFile(path).sql("SELECT title FROM media")})


async def test_a_backup_is_made_to_the_file_that_is_named(
    household: Household, trailarrd: CommandLine, tmp_path: Path
) -> None:
    await trailarrd("refresh")
    target = tmp_path / "mine.db"
    done = await trailarrd("db", "backup", str(target))
    assert (done.code, done.out) == (0, f"{target}\n")
    assert titles(target) == ["Alpha", "Beta", "Gamma"]


async def test_a_backup_overwrites_nothing(
    household: Household, trailarrd: CommandLine, tmp_path: Path
) -> None:
    await trailarrd("refresh")
    target = tmp_path / "mine.db"
    target.write_text("a letter")
    done = await trailarrd("db", "backup", str(target))
    assert (done.code, done.out) == (2, "")
    assert f"{target} is there already" in done.err
    assert target.read_text() == "a letter"


@pytest.mark.parametrize(("backups", "kept"), [(0, 1), (1, 1), (2, 2), (3, 3)])
async def test_without_a_name_it_lies_beside_the_database_where_the_newest_are_kept(
    household: Household, trailarrd: CommandLine, backups: int, kept: int
) -> None:
    url = f'"{household.database.url}"'
    text = household.config.read_text()
    household.config.write_text(text.replace(url, f"{url}, backups: {backups}"))
    await trailarrd("refresh")
    made = [Path((await trailarrd("db", "backup")).out.rstrip("\n")) for _ in range(4)]
    found = {one for one in household.database.path.parent.iterdir() if ".backup-" in one.name}
    assert found == set(made[-kept:])
    assert titles(made[-1]) == ["Alpha", "Beta", "Gamma"]


async def test_a_sound_database_is_said_to_be_sound(household: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    done = await trailarrd("db", "check")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{household.database.path} is sound, at revision ")


async def test_what_is_damaged_is_listed(household: Household, trailarrd: CommandLine) -> None:
    await trailarrd("refresh")
    household.database.sql("UPDATE media SET connection_id = 77 WHERE id = 1")
    done = await trailarrd("db", "check")
    assert (done.code, done.out) == (1, "row 1 of media refers to nothing in connections\n")
    assert "'trailarrd db restore FILE'" in done.err


async def test_a_database_that_cannot_be_read_or_is_too_new_has_its_own_exit_code(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.database.sql("UPDATE alembic_version SET version_num = '9999'")
    assert (await trailarrd("db", "check")).code == 78
    household.database.path.write_bytes(b"this is no database" * 100)
    for name in ("-wal", "-shm"):
        household.database.path.with_name(f"trailarrd.db{name}").unlink(missing_ok=True)
    done = await trailarrd("db", "check")
    assert (done.code, done.out) == (75, "")
    assert "is not a SQLite database" in done.err


@pytest.mark.parametrize("words", [["backup"], ["check"]], ids=" ".join)
async def test_before_the_first_refresh_there_is_nothing_to_look_after(
    household: Household, trailarrd: CommandLine, words: list[str]
) -> None:
    done = await trailarrd("db", *words)
    assert (done.code, done.out) == (75, "")
    assert "it is made by the first refresh" in done.err
    assert not household.database.path.parent.exists()


async def test_a_restore_brings_everything_back_and_keeps_what_was_there(
    household: Household, trailarrd: CommandLine, tmp_path: Path
) -> None:
    await trailarrd("refresh")
    await trailarrd("unmonitor", "1")
    await trailarrd("db", "backup", str(tmp_path / "mine.db"))
    await trailarrd("monitor", "1")
    done = await trailarrd("db", "restore", str(tmp_path / "mine.db"))
    assert (done.code, done.out) == (0, f"{household.database.path} is restored, at revision {head()}\n")
    assert household.database.sql("SELECT intent FROM media WHERE id = 1") == [(0,)]
    (kept,) = household.database.path.parent.glob("trailarrd.db.before-restore-*")
    assert f"the database that was there before is {kept}" in done.err
    assert DatabaseFile(kept).sql("SELECT intent FROM media WHERE id = 1") == [(1,)]
    assert (await trailarrd("refresh")).code == 0


async def test_a_restore_is_refused_while_the_database_is_in_use(
    household: Household, trailarrd: CommandLine, tmp_path: Path
) -> None:
    await trailarrd("refresh")
    await trailarrd("db", "backup", str(tmp_path / "mine.db"))
    async with Store.open(household.database.url) as store, store.daemon_lock():
        done = await trailarrd("db", "restore", str(tmp_path / "mine.db"))
    assert (done.code, done.out) == (75, "")
    assert "is in use by trailarrd" in done.err


async def test_a_copy_to_a_server_and_back_ends_with_the_line_to_change(
    household: Household, trailarrd: CommandLine, postgres: DatabaseServer, tmp_path: Path
) -> None:
    """With the password where trailarrd.yaml has it, which is the server's alone."""
    await trailarrd("refresh")
    postgres.empty()
    household.config.write_text(
        household.config.read_text().replace("database: {", "database: {password: secret, ")
    )
    here, back = household.database.url, f"sqlite+aiosqlite:///{tmp_path}/back.db"
    for start, end in ((here, postgres.url), (postgres.url, back)):
        done = await trailarrd("db", "copy", start, end)
        assert (done.code, done.out) == (0, f"database: {{url: {end}}}\n")
        assert re.search(r"^media: 6 rows, [0-9a-f]{32}$", done.err, re.MULTILINE)
    for start, words in ((here, "TO is not empty: .*; nothing was copied"), (back, "the same database")):
        done = await trailarrd("db", "copy", start, back)
        assert done.code == 2
        assert re.search(words, done.err)


async def test_none_of_it_needs_the_services_keys(
    household: Household, trailarrd: CommandLine, tmp_path: Path
) -> None:
    await trailarrd("refresh")
    target = str(tmp_path / "mine.db")
    for words in (["backup", target], ["check"], ["restore", target]):
        done = await trailarrd.bare("--config", str(household.config), "db", *words, TEST_ARR_KEY=None)
        assert done.code == 0


@pytest.mark.parametrize("name", SUBCOMMANDS)
async def test_each_of_them_explains_itself(trailarrd: CommandLine, name: str) -> None:
    done = await trailarrd.bare("db", name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: trailarrd db {name} ")
    assert len(done.out.split()) > 20


async def test_without_a_word_on_what_to_do_it_lists_what_it_can(trailarrd: CommandLine) -> None:
    done = await trailarrd.bare("db")
    assert done.code == 2
    assert [name for name in SUBCOMMANDS if name not in (done.out + done.err)] == []
