"""A PostgreSQL that no other test uses, so that it may be broken."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import make_url

from tests.postgres import DatabaseServer

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY: Final = 65534
AS_NOBODY: Final = ("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups")
"""A server refuses to be root's."""
SCRIPT: Final = Path(__file__).parents[1] / "with_postgres"


class OwnServer:
    """As `tests.postgres.DatabaseServer`, and what only its owner may do."""

    def __init__(self, address: str) -> None:
        self.folder = Path(str(make_url(address).query["host"]))
        self._bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._server = DatabaseServer(address)

    def __enter__(self) -> Self:
        self._server.__enter__()
        # What is committed has to outlast a crash, as it does where nobody is in a hurry.
        self._server.sql(f"ALTER DATABASE {make_url(self.url).database} SET synchronous_commit = on")
        self._server._run(self._server.connect())
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):  # it is erased as a whole, in whatever state it is
            self._server.__exit__()

    @property
    def url(self) -> str:
        return self._server.url

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def restart(self, how: str) -> None:
        """`fast` ends what is under way, `immediate` is a crash."""
        become = AS_NOBODY if os.geteuid() == 0 else ()
        told = ["-D", str(self.folder / "data"), "-m", how, "-w", "-l", str(self.folder / "log"), "restart"]
        subprocess.run([*become, str(self._bin / "pg_ctl"), *told], check=True, capture_output=True, cwd="/")
        self._server._run(self._server.connect())


@contextmanager
def own_server(place: Path | None = None) -> Iterator[OwnServer]:
    """One that runs; with a `place`, on the disk of that."""
    script = ["sh", str(SCRIPT), "sh", "-c", "echo $POSTGRES_FOR_TESTS; exec sleep 3600"]
    environ = os.environ | ({"POSTGRES_IN": str(place)} if place else {})
    with subprocess.Popen(
        script, stdout=subprocess.PIPE, text=True, start_new_session=True, env=environ
    ) as process:
        assert process.stdout
        try:
            with OwnServer(process.stdout.readline().strip()) as server:
                yield server
        finally:
            os.killpg(process.pid, signal.SIGTERM)
