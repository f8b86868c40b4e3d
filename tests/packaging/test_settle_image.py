"""The archive of an image: of the same layers the same bytes, whatever it was made by and when."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

SETTLE = Path(__file__).parents[2] / "packaging/settle-image"


def archive(path: Path, *, trace: str, at: str) -> Path:
    """As a builder writes it, with its own traces in it."""
    config: dict[str, Any] = {
        "created": at,
        "container": trace,
        "config": {"Hostname": trace, "Image": trace, "Cmd": ["run"]},
        "history": [{"created": at, "created_by": "COPY", "comment": f"FROM {trace}"}],
    }
    manifest = [{"Config": f"{trace}.json", "RepoTags": ["trailarrd:1"], "Layers": ["layer.tar"]}]
    files = {
        f"{trace}.json": json.dumps(config),
        "manifest.json": json.dumps(manifest),
        "layer.tar": "a layer",
    }
    with tarfile.open(path, "w") as tar:
        for name, text in files.items():
            facts = tarfile.TarInfo(name)
            facts.size, facts.mtime = len(text), len(trace)
            tar.addfile(facts, io.BytesIO(text.encode()))
    return path


def test_what_an_image_came_by_is_left_out_and_the_rest_stays(tmp_path: Path) -> None:
    one = archive(tmp_path / "one.tar", trace="1a2b", at="2026-11-30T12:00:00Z")
    other = archive(tmp_path / "other.tar", trace="3c4d5e", at="2026-11-30T13:00:00Z")
    for path in (one, other):
        subprocess.run([sys.executable, str(SETTLE), str(path), "1700000000"], check=True)
    assert one.read_bytes() == other.read_bytes()
    with tarfile.open(one) as tar:
        (image,) = json.load(tar.extractfile("manifest.json") or io.BytesIO())
        config = json.load(tar.extractfile(image["Config"]) or io.BytesIO())
        layer = (tar.extractfile("layer.tar") or io.BytesIO()).read()
    assert (image["RepoTags"], config["config"]["Cmd"], layer) == (["trailarrd:1"], ["run"], b"a layer")
    assert config["history"] == [{"created": "2023-11-14T22:13:20Z", "created_by": "COPY"}]
