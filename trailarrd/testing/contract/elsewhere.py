"""Parses records in another process, as a script of its own: with another hash seed, elsewhere on earth.

It reads a pickle of Python's path and of a pickled parser with its records, and prints as its last line
what it made of each.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

_AT_MOST = 60.0


def made(parser: Any, record: Any) -> object:
    """The Media as plain values; None: it was refused."""
    try:
        return json.loads(msgspec.json.encode(parser(record)))
    except Exception:  # noqa: BLE001  # whatever a parser raises quarantines its record
        return None


def made_elsewhere(parser: Any, records: Sequence[Any]) -> list[object] | None:
    """The same of each, by a process of its own; None: these cannot be taken there."""
    try:
        packed = pickle.dumps((sys.path, pickle.dumps((parser, list(records)))))
    except (pickle.PicklingError, AttributeError, TypeError):  # a function within a function, for one
        return None
    ended = subprocess.run(  # noqa: S603  # this very file
        [sys.executable, "-P", str(Path(__file__))],
        input=packed,
        env=os.environ | {"PYTHONHASHSEED": "20011114", "TZ": "Asia/Kathmandu"},
        capture_output=True,
        timeout=_AT_MOST,
        check=False,
    )
    if ended.returncode:
        return None
    answers: list[object] = json.loads(ended.stdout.splitlines()[-1])
    return answers


def main() -> None:
    folders, packed = pickle.load(sys.stdin.buffer)  # noqa: S301  # from ourselves
    sys.path[:] = folders
    parser, records = pickle.loads(packed)  # noqa: S301  # likewise
    said = json.dumps([made(parser, record) for record in records])
    sys.stdout.write(f"\n{said}\n")  # whatever the plugin prints stands on lines of its own


if __name__ == "__main__":
    main()
