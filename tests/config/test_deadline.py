"""A file on a share that hangs is given up in time, and named; whoever reads once more is not held up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mounts import hung
from trailarrd.config import deadline, find_config, load
from trailarrd.errors import ConfigTimeoutError

if TYPE_CHECKING:
    from pathlib import Path

CONNECTION = "connections: [{name: movies, provider: radarr, url: http://movies, api_key: %s%s}]\n"
ON_THE_SHARE = {
    "a key": (CONNECTION % ("!file share/key", ""), "share/key"),
    "an authority": (CONNECTION % ("abc", ", ca_file: share/ca.pem"), "share/ca.pem"),
    "an include": (CONNECTION % ("abc", "") + "include: share/more.yaml\n", "share/more.yaml"),
    "all in a folder": (CONNECTION % ("abc", "") + "include: share/*.yaml\n", "share"),
}


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(deadline, "LONGEST", 0.1)
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("what", ON_THE_SHARE)
def test_what_hangs_is_named(share: Path, what: str) -> None:
    text, name = ON_THE_SHARE[what]
    file = share.with_name("trailarrd.yaml")
    file.write_text(text)
    with hung(share), pytest.raises(ConfigTimeoutError) as caught:
        load(file, providers={"radarr"}, environ={})
    assert str(caught.value).startswith(
        f"{share.parent / name}: not read within 0.1 s\n    hint: does the share"
    )


def test_so_is_the_configuration_itself(share: Path) -> None:
    with hung(share), pytest.raises(ConfigTimeoutError, match=r"trailarrd\.yaml: not read within 0\.1 s"):
        find_config(str(share / "trailarrd.yaml"), {})
