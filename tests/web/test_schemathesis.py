"""The API keeps its own word: schemathesis reads openapi.json and looks for an answer that is not in it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.depth import IS_DEEP
from tests.process import completed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Client, Stage

EXAMPLES = os.environ.get("TRAILARRD_API_EXAMPLES", "100" if IS_DEEP else "4")
"""For each operation; `TRAILARRD_API_EXAMPLES=500` looks for longer."""
PHASES = "examples,coverage,fuzzing,stateful" if IS_DEEP else "examples,fuzzing,stateful"
"""`coverage` tries each boundary of each parameter: nine requests in ten."""


@pytest.mark.deep
@pytest.mark.timeout(1800 if IS_DEEP else 300)
async def test_no_request_gets_an_answer_that_is_not_described(
    stage: Stage, client: Client, tmp_path: Path
) -> None:
    token = await stage.key()
    done = await completed(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{client.url}/api/v1/openapi.json"),
        *("--header", f"X-Api-Key: {token}", "--phases", PHASES),
        *("--max-examples", EXAMPLES, "--seed", "7979"),
        *("--checks", "all", "--request-timeout", "30", "--no-color", "--workers", "1"),
        *("--generation-database", "none"),
        *("--exclude-path", "/events"),  # a stream that does not end: tests/web/test_events.py
        cwd=tmp_path,
        within=1800.0 if IS_DEEP else 300.0,
    )
    assert done.code == 0, done.out + done.err
