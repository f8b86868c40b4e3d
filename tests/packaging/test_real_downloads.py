"""Downloads under the shipped unit, on a machine that has been booted: it stays as hard as it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.packaging.machines import PACKAGES, booted, copied, debian, only_deep
from trailarrd_ytdlp import child
from trailarrd_ytdlp.equipment import _SCRIPT, find_deno

ROOT: Final = Path(__file__).parents[2]
UNIT: Final = ROOT / "trailarrd/service/trailarrd.service"
MEDIA: Final = ROOT / "packaging/examples/media.conf"
pytestmark = only_deep
TRY: Final = """\
import os, subprocess, sys
sys.path.insert(0, "/opt/try")
from child import may_compile

def deno(**flags):
    environ = {"HOME": "/tmp", "PATH": "/usr/bin:/bin", "NO_COLOR": "1", **flags}
    words = ["/opt/try/deno", "run", "--no-config", "/opt/try/try.js"]
    done = subprocess.run(words, capture_output=True, text=True, env=environ)
    return done.stdout.strip() or f"died of {done.returncode}"

print("may compile:", may_compile())
print("as it is:", deno())
print("without its compiler:", deno(DENO_V8_FLAGS="--jitless"))
for name in ("/srv/media/film/.try", "/etc/try"):
    try:
        open(name, "w").close()
        print("written:", name)
    except OSError as error:
        print("refused:", name)
"""
ONCE: Final = """\
[Service]
Type=oneshot
WatchdogSec=0
ExecStart=
ExecStart=/usr/bin/python3 -I /opt/try/try.py
"""


def test_deno_runs_under_the_unit_without_its_compiler_and_the_drop_in_opens_media_alone(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    deno = find_deno()
    if deno is None:
        pytest.skip("deno is not installed")
    root = copied(debian(tmp_path_factory, "bookworm", *PACKAGES), tmp_path / "machine")
    tools = root / "opt/try"
    tools.mkdir(parents=True)
    shutil.copy(deno, tools / "deno")
    shutil.copy(Path(child.__file__), tools / "child.py")
    (tools / "try.js").write_text(_SCRIPT)
    (tools / "try.py").write_text(TRY)
    drop_ins = root / "etc/systemd/system/trailarrd.service.d"
    drop_ins.mkdir(parents=True)
    shutil.copy(UNIT, drop_ins.parent / UNIT.name)
    (drop_ins / "once.conf").write_text(ONCE)
    (drop_ins / "media.conf").write_text(MEDIA.read_text().replace("/mnt/media", "/srv/media"))
    (root / "srv/media/film").mkdir(parents=True)
    with booted(root) as machine:
        machine.do(
            "useradd --system trailarrd; groupadd media;"
            " chgrp -R media /srv/media; chmod -R g+rwX /srv/media; mkdir /etc/trailarrd"
        )
        machine.do(
            "systemctl daemon-reload; systemctl start trailarrd || { journalctl -u trailarrd; false; }"
        )
        said = machine.do("journalctl --unit trailarrd --identifier python3 --output cat").splitlines()
    assert said[0] == "may compile: False"
    assert said[1].startswith("as it is: died of")
    assert said[2:] == [
        "without its compiler: 2-4-6",
        "written: /srv/media/film/.try",
        "refused: /etc/try",
    ]
