"""Whoever goes back to 0.1.0 gets his own database back, to the last row."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.depth import IS_DEEP
from tests.process import completed
from tests.store.copies import content
from tests.upgrade.old_home import SITUATIONS

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.upgrade.old_home import OldHome

pytestmark = pytest.mark.parametrize("situation", SITUATIONS)

COMMIT: Final = "09f2a6d"
ROOT: Final = Path(__file__).parents[2]


async def upgrade(household: OldHome, trailarrd: CommandLine) -> Path:
    """Refresh for the first time; the migration's backup, or one by hand if the tables are as they were."""
    mine = household.home / "before.db"
    assert (await trailarrd("db", "backup", str(mine))).code == 0
    (was,) = household.database.sql("SELECT version_num FROM alembic_version")
    await trailarrd("refresh")
    (now,) = household.database.sql("SELECT version_num FROM alembic_version")
    made = list(household.database.path.parent.glob("trailarrd.db.backup-*"))
    assert len(made) == (now != was)
    return made[0] if made else mine


async def test_the_backup_from_before_the_upgrade_is_restored_as_0_1_0_left_it(
    household: OldHome, trailarrd: CommandLine
) -> None:
    left = content(household.database.path)
    backup = await upgrade(household, trailarrd)
    assert content(backup) == left
    assert content(household.database.path) != left
    assert (await trailarrd("db", "restore", str(backup))).code == 0
    assert content(household.database.path) == left


@pytest.mark.deep
@pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: a version from the history of this clone runs")
async def test_0_1_0_goes_on_with_what_was_restored(
    household: OldHome, trailarrd: CommandLine, tmp_path: Path, situation: str
) -> None:
    old = _unpack(tmp_path / "0.1.0")
    ((events,),) = household.database.sql("SELECT count(*) FROM history")
    await trailarrd("db", "restore", str(await upgrade(household, trailarrd)))
    sources = [old, *old.glob("plugins/*/src")]
    environ = {
        **household.environ,
        "PYTHONPATH": os.pathsep.join(map(str, sources)),
        "PYTHONWARNINGS": "default",
    }
    program = [sys.executable, "-m", "trailarrd", "--config", str(household.config)]
    where = await completed(
        sys.executable, "-c", "import trailarrd; print(trailarrd.__file__)", env=environ, cwd=old
    )
    assert where.out.startswith(str(old))
    done = await completed(*program, "refresh", "--json", env=environ, cwd=old)
    assert done.code == (situation in ("held", "quarantine")), done.err
    counts = ("added", "updated", "removed", "restored")
    assert [[one[count] for count in counts] for one in done.document["refreshes"]] == [[0, 0, 0, 0]] * 2
    assert household.database.sql("SELECT count(*) FROM history") == [(events,)]


def _unpack(folder: Path) -> Path:
    """0.1.0 itself, in that folder."""
    archive = subprocess.run(["git", "archive", COMMIT], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip("this clone has no history")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder
