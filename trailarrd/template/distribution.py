"""Writes the files of a new plugin; whatever is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Final

from trailarrd import __version__

_SUFFIX: Final = ".tmpl"
_PACKAGE: Final = "PACKAGE"


@dataclass(frozen=True, slots=True)
class NewPlugin:
    """A plugin with one provider, or one downloader, known by its name: a lower-case slug."""

    name: str
    kind: str = "provider"
    """`provider` or `downloader`."""

    @property
    def distribution(self) -> str:
        """What pip will call it."""
        return f"trailarrd-{self.name}"

    @property
    def package(self) -> str:
        """What Python will call it."""
        return self.distribution.replace("-", "_")

    @property
    def app(self) -> str:
        """What the application may be called, until its author knows."""
        return "".join(part.capitalize() for part in self.name.split("-"))

    def write(self, folder: Path) -> list[Path]:
        """Write it into a folder that is new or empty; the files, in the order of their names.

        Raises:
            FileExistsError: there is something in the folder.
            OSError: it cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileExistsError(f"{folder} is not empty")
        return sorted(self._write(folder / name, text) for name, text in self._files())

    def _write(self, file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as target:
            target.write(text)
        return file

    def _files(self) -> Iterator[tuple[str, str]]:
        for path, template in _templates(files(__package__) / "files" / self.kind):
            name = path.replace(_PACKAGE, self.package).removesuffix(_SUFFIX)
            yield name, Template(template.read_text(encoding="utf-8")).substitute(self._words())

    def _words(self) -> dict[str, str]:
        major, minor, *_ = __version__.split(".")
        return {
            "name": self.name,
            "distribution": self.distribution,
            "package": self.package,
            "app": self.app,
            "versions": f">={major}.{minor},<{int(major) + 1}",
        }


def _templates(folder: Traversable, path: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        here = f"{path}{entry.name}"
        if entry.is_dir():
            yield from _templates(entry, f"{here}/")
        elif here.endswith(_SUFFIX):
            yield here, entry
