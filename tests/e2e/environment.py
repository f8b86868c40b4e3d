"""A fresh virtual environment for trailarrd and plugins; what these need is linked from our own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Environment:
    """Somebody else's, outside of the repository."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Environment:
        """Empty but for the third-party distributions of the environment that runs the tests."""
        venv.create(folder, symlinks=True)
        site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
        for entry in _third_party(Path(sysconfig.get_path("purelib"))):
            (site / entry.name).symlink_to(entry)
        return cls(folder)

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin" / "python")

    def install(self, *projects: Path) -> None:
        """As pip does it, built from the sources, without any network."""
        pip = [sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check"]
        command = [*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        subprocess.run([*command, *map(str, projects)], check=True, env=_environ({}))

    async def run(self, *words: str, cwd: Path, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        """One of its modules; the exit code, and all that it says."""
        process = await asyncio.create_subprocess_exec(
            *(self.python, "-m", *words),
            cwd=cwd,
            env=_environ(environ or {}),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()


def _third_party(site: Path) -> Iterator[Path]:
    for entry in site.iterdir():
        if "trailarrd" not in entry.name and entry.suffix != ".pth" and entry.name != "__pycache__":
            yield entry


def _environ(further: Mapping[str, str]) -> dict[str, str]:
    """Nothing of ours on the module path."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "HOME", "TMPDIR")}
    return {**kept, **further}
