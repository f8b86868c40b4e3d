"""The options that docs/plugins.md shows are read as it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.docs.pages import chapters, code, page
from trailarrd.config import load

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

CHAPTER = chapters(page("plugins.md"))["Options of a connection"]


@dataclass(frozen=True)
class Vault:
    options: type[BaseModel] | None


def test_the_model_on_the_page_reads_the_configuration_on_the_page(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(compile(code(CHAPTER, "py")[0], "plugins.md", "exec", dont_inherit=True), names)
    file = tmp_path / "trailarrd.yaml"
    file.write_text(code(CHAPTER, "yaml")[0])
    for name in ("key", "pin"):
        (tmp_path / f"vault.{name}").write_text(f"the-{name}\n")
    settings = load(file, providers={"vault": Vault(names["VaultOptions"])}, environ={"HOME": "/home/me"})
    options = settings.connections[0].arr_server().options_as(names["VaultOptions"])
    assert (options.pin.get_secret_value(), options.pages) == ("the-pin", 5)
