"""A database of 0.1.0 as text that fits any place and any time.

What depends on the place is left out of the text and worked out anew, by the formulas of 0.1.0: which
directory a root folder is (`roots.mark`), how a folder was when it was listed (`media.signature`), and what
an item is compared by (`media.fingerprint`, which has its local path in it). Times are moved as if 0.1.0
had done its last work just now. `make.py` proves of each text that it gives the very database again.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

HOME: Final = "{HOME}"
"""Stands in texts for the folder that everything lies in."""

SCHEMA: Final = Path(__file__).with_name("schema.sql")

_TIME: Final = re.compile(r"'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})(\+00:00)?'")
_RULES: Final = {"movie": bytes.fromhex("59f586824dc119ed"), "series": bytes.fromhex("628d3f47e18dbebc")}
"""How 0.1.0 told from each other the rules by which it looked for the trailers of these kinds."""
_IDENTITY: Final = {"movie": b"tmdb", "series": b"tvdb"}
_CHAINS: Final = ("trailers", "extras", "extras/trailers")
_INNER: Final = [spell(chain) for spell in (str.title, str.lower, str.upper) for chain in _CHAINS]
"""The folders in an item's for which a signature has a bit, in their order."""
_MEDIA: Final = (
    "arr_id, title, remote_path, monitored_remotely, year, external_ids, youtube_trailer_id, main_file"
)


def dump(database: Path, home: Path, left_at: datetime) -> tuple[list[str], list[str]]:
    """The statements for the tables and for their rows; `left_at` is when 0.1.0 had done its last work."""
    with closing(sqlite3.connect(":memory:")) as copy:
        with closing(sqlite3.connect(database)) as original:
            original.backup(copy)
        copy.executescript(
            "UPDATE media SET fingerprint = X'', signature = substr(signature, 9);"
            "UPDATE roots SET mark = 0 WHERE mark IS NOT NULL;"
        )
        statements = list(copy.iterdump())
    rows = [one for one in statements if one.startswith(("INSERT", "DELETE"))]
    tables = [one for one in statements if one not in rows and one not in ("BEGIN TRANSACTION;", "COMMIT;")]
    head = f"-- 0.1.0 left it at '{left_at:%Y-%m-%d %H:%M:%S.%f}'"
    return tables, [head, *(row.replace(str(home), HOME) for row in rows)]


def load(file: Path, database: Path, home: Path, now: datetime | None = None) -> None:
    """The database again, in another home whose media lie there already, as if it were left `now`."""
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database.touch(mode=0o600, exist_ok=False)
    rows = file.read_text("utf-8")
    if now is not None:
        rows = _moved(rows, now)
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript("BEGIN;" + SCHEMA.read_text("utf-8") + rows.replace(HOME, str(home)) + "COMMIT;")
        for number, kind, local_path, signature, *media in db.execute(
            f"SELECT id, kind, local_path, signature, {_MEDIA} FROM media"
        ).fetchall():
            db.execute(
                "UPDATE media SET fingerprint = ?, signature = ? WHERE id = ?",
                (
                    _fingerprint(kind, media, local_path),
                    signature and _signature(kind, local_path, signature),
                    number,
                ),
            )
        for number, path in db.execute("SELECT id, path FROM roots WHERE mark IS NOT NULL").fetchall():
            db.execute("UPDATE roots SET mark = ? WHERE id = ?", (_root_mark(path), number))
        db.commit()


def _moved(rows: str, now: datetime) -> str:
    """All times as much later as it is later now."""

    def move(time: re.Match[str]) -> str:
        return f"'{_naive(time[1]) + later:%Y-%m-%d %H:%M:%S.%f}{time[2] or ''}'"

    left_at = _TIME.search(rows)
    assert left_at
    later = now.replace(tzinfo=None) - _naive(left_at[1])
    return _TIME.sub(move, rows)


def _naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _fingerprint(kind: str, media: Sequence[Any], local_path: str | None) -> bytes:
    *first, monitored, year, external_ids, youtube, main_file = media
    values = [*first, bool(monitored), year, json.loads(external_ids), youtube, main_file]
    encoded = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    derivation = blake2b(_RULES[kind] + _IDENTITY[kind], digest_size=8).digest()
    told = (encoded + (local_path or "")).encode()
    return blake2b(told, digest_size=16, person=b"4" + derivation).digest()


def _signature(kind: str, folder: str, inside: bytes) -> bytes:
    bits = int.from_bytes(inside, "big")
    mark = hash((int.from_bytes(_RULES[kind], "big"), *_facts(folder)))
    for bit, name in enumerate(_INNER):
        if bits >> bit & 1:
            mark = hash((mark, *_facts(f"{folder}/{name}")))
    return mark.to_bytes(8, "big", signed=True) + inside


def _facts(folder: str) -> tuple[int, int, int]:
    facts = Path(folder).stat()
    return facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino


def _root_mark(path: str) -> int:
    facts = Path(path).stat()
    digest = blake2b(f"{facts.st_dev}:{facts.st_ino}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
