"""The database without items that a test begins with: the program makes one a process, a test gets its copy.

Making one takes forty times as long. What is tested of the making itself begins without a file.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from trailarrd.store.store import Store


def lay_blank(path: Path) -> None:
    """The file as `Store.open` would make and leave it; there must be none."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_blank())


@cache
def _blank() -> bytes:
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as aside:
        file = Path(folder) / "blank.db"
        aside.submit(asyncio.run, _made(file)).result()  # the test's own loop may be running
        assert [one.name for one in file.parent.glob("blank.db-*")] == []  # all of it is in the file
        return file.read_bytes()


async def _made(file: Path) -> None:
    async with Store.open(f"sqlite+aiosqlite:///{file}"):
        pass
