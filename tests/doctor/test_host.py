"""What belongs to this host alone: configuration, database, plugins; each finding with its exact words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.doctor.conftest import NOW, facts
from tests.mounts import read_only
from tests.world import KEY
from trailarrd.config.outline import DatabaseSettings
from trailarrd.discovery.record import PluginRecord, PluginStatus
from trailarrd.doctor import Code, Subject, examine
from trailarrd.doctor.host import of_backups, of_database, of_overlooked
from trailarrd.domain.database import Condition, DatabaseAddress
from trailarrd.health import judge
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doctor.conftest import Doctor
    from tests.household import Household
    from trailarrd.doctor import Finding


async def test_a_usable_configuration_says_where_it_is_and_how_many_connections_it_has(
    doctor: Doctor,
) -> None:
    found = await doctor("configuration")
    assert found["config-ok"].fact == f"{doctor.household.config}: 2 connections"
    assert list(found) == ["config-ok"]


async def test_mistakes_in_the_configuration_are_shown_and_the_database_is_still_looked_at(
    household: Household,
) -> None:
    subject = Subject(
        providers={},
        mistakes="trailarrd.yaml:3:1: a mistake",
        database=DatabaseAddress(url=household.database.url),
    )
    found = [finding async for finding in examine(subject, now=NOW)]
    assert [(one.code, one.fact) for one in found] == [
        (Code.CONFIG_INVALID, "trailarrd.yaml:3:1: a mistake"),
        (Code.DATABASE_NEW, f"{household.database.path} is not there yet"),
    ]


@pytest.mark.parametrize(("mode", "exposed"), [(0o644, True), (0o640, False), (0o600, False)])
async def test_a_file_with_a_key_that_everybody_may_read_is_warned_of(
    doctor: Doctor, mode: int, exposed: bool
) -> None:
    key = doctor.household.home / "radarr.key"
    key.write_text(KEY)
    key.chmod(mode)
    doctor.edit("!env TEST_ARR_KEY", "!file radarr.key", 1)
    doctor.household.config.chmod(0o644)  # it holds no key itself
    found = facts(await doctor("configuration"))
    assert found == ({"config-exposed": f"{key} can be read by everybody"} if exposed else {})


def test_another_configuration_that_is_not_read_is_told_of(tmp_path: Path) -> None:
    (told,) = of_overlooked([tmp_path / "trailarrd.yaml"])
    assert (told.code, told.fact) == (
        Code.CONFIG_OVERLOOKED,
        f"{tmp_path}/trailarrd.yaml is there, too, and not read",
    )


@pytest.mark.parametrize(
    ("every", "age", "code"),
    [
        (None, None, None),
        (None, 40, Code.DATABASE_BACKUP),
        (1, 1, Code.DATABASE_BACKUP),
        (1, 3, Code.DATABASE_BACKUP_OLD),
        (1, None, Code.DATABASE_BACKUP_OLD),
    ],
)
def test_the_age_of_the_newest_copy_is_told(
    tmp_path: Path, every: int | None, age: int | None, code: Code | None
) -> None:
    wanted = {"backup_every": timedelta(days=every)} if every else {}
    settings = DatabaseSettings.model_validate({"url": f"sqlite+aiosqlite:///{tmp_path}/t.db", **wanted})
    if age:
        tmp_path.joinpath(f"t.db.backup-0001-{NOW - timedelta(days=age):%Y%m%dT%H%M%SZ}").touch()
    found = list(of_backups(settings, NOW))
    assert [one.code for one in found] == ([code] if code else [])
    assert all(f"is {age} d old" in one.fact for one in found if age)


async def database(doctor: Doctor) -> dict[str, Finding]:
    async with Store.open(doctor.household.database.url):
        pass
    return await doctor("database")


async def test_a_sound_database_is_told_with_its_revision(doctor: Doctor) -> None:
    found = await database(doctor)
    path = doctor.household.database.path
    (revision,) = doctor.household.database.sql("SELECT version_num FROM alembic_version")[0]
    assert found["database-ok"].fact == f"{path} is sound, at revision {revision}"


async def test_looking_at_the_database_changes_nothing_and_makes_none(doctor: Doctor) -> None:
    await doctor("database")
    assert not doctor.household.database.path.parent.exists()


async def test_an_older_database_is_told(doctor: Doctor) -> None:
    await database(doctor)
    doctor.household.database.sql("UPDATE alembic_version SET version_num = '0001'")
    found = facts(await doctor("database"))
    assert found == {"database-older": f"{doctor.household.database.path} is at revision 0001"}


async def test_a_newer_database_cannot_be_used(doctor: Doctor) -> None:
    await database(doctor)
    doctor.household.database.sql("UPDATE alembic_version SET version_num = '9999'")
    fact = facts(await doctor("database"))["database-unusable"]
    assert fact.startswith(f"database {doctor.household.database.path} was written by a newer trailarrd")


async def test_a_file_that_is_no_database_cannot_be_used(doctor: Doctor) -> None:
    path = doctor.household.database.path
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, however long one looks at it" * 100)
    assert list(facts(await doctor("database"))) == ["database-unusable"]


async def test_damage_in_the_database_is_told_line_by_line(doctor: Doctor) -> None:
    await database(doctor)
    path = doctor.household.database.path
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("INSERT INTO refreshes (connection_id, started_at) VALUES (77, '2026-01-01')")
    found = facts(await doctor("database"))
    assert found == {"database-damaged": f"{path}: row 1 of refreshes refers to nothing in connections"}


async def test_a_database_that_this_user_may_not_write_is_a_problem(doctor: Doctor) -> None:
    await database(doctor)
    folder = doctor.household.database.path.parent
    with read_only(folder):
        assert facts(await doctor("database"))["database-read-only"] == f"{folder} cannot be written"


@pytest.mark.parametrize(("mode", "exposed"), [(0o1777, True), (0o2770, False)])
async def test_a_folder_for_the_database_that_everybody_may_write_is_a_problem(
    doctor: Doctor, mode: int, exposed: bool
) -> None:
    folder = doctor.household.database.path.parent
    folder.mkdir(exist_ok=True)
    folder.chmod(mode)
    told = {"database-exposed": f"everybody on this host may write {folder}"}
    assert facts(await doctor("database")) == (told if exposed else {})


@pytest.mark.parametrize(
    ("free", "size", "code"),
    [
        (199_999_999, 0, Code.DATABASE_SPACE),
        (200_000_000, 0, None),
        (800_000_000, 400_000_001, Code.DATABASE_SPACE),
        (800_000_000, 400_000_000, None),
    ],
)
def test_little_room_is_warned_of_below_200_mb_or_twice_the_database(
    free: int, size: int, code: Code | None
) -> None:
    condition = Condition(place="/t.db", exists=True, revision="1", is_current=True, free=free, size=size)
    warned = {finding.code: finding.fact for finding in of_database(condition)}
    assert warned.get(Code.DATABASE_SPACE) == (
        f"{free // 1_000_000} MB are free beside /t.db" if code else None
    )


async def test_each_plugin_is_told_and_why_one_is_not_loaded(doctor: Doctor) -> None:
    broken = PluginRecord(
        name="lidarr", distribution="x", version="1", status=PluginStatus.FAILED, reason="ImportError: gone"
    )
    found = await doctor("plugins", plugins=[*(doctor.subject.plugins or ()), broken])
    assert facts(found) == {"plugin-not-loaded": "lidarr (x 1): ImportError: gone"}
    assert found["plugin-ok"].fact.endswith("offers provider sonarr")


@pytest.mark.parametrize(
    ("status", "code", "level"),
    [
        (PluginStatus.SLOW, "plugin-slow", "warning"),
        (PluginStatus.DISABLED, "plugin-disabled", "ok"),
        (PluginStatus.INCOMPATIBLE, "plugin-not-loaded", "warning"),
        (PluginStatus.CONFLICT, "plugin-not-loaded", "warning"),
    ],
)
async def test_whatever_became_of_a_plugin_is_told_with_its_reason(
    doctor: Doctor, status: PluginStatus, code: str, level: str
) -> None:
    plugin = PluginRecord(name="x", distribution="y", version="1", status=status, reason="because")
    found = await doctor("plugins", plugins=[plugin])
    assert (found[code].fact, found[code].level) == ("x (y 1): because", level)
    issues = judge([], {}, now=NOW, plugins=[plugin]).issues
    assert [one.code for one in issues] == ([] if level == "ok" else ["plugin-failed"])


async def test_without_any_plugin_nothing_can_be_asked(doctor: Doctor) -> None:
    assert facts(await doctor("plugins", plugins=[])) == {"plugins-none": "no plugin is installed"}
