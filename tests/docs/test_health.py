"""docs/operations.md and docs/json.md tell of every issue and every field of health."""

from __future__ import annotations

import ast
import inspect
from datetime import UTC, datetime

import msgspec

from tests.docs.pages import chapters, page, plain, table
from trailarrd import health

HEALTH = chapters(page("operations.md"))["Health"]
STATUS = table(chapters(page("json.md"))["status --json"])


def codes() -> set[str]:
    """Every code that the program can give."""
    calls = (node for node in ast.walk(ast.parse(inspect.getsource(health))) if isinstance(node, ast.Call))
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "HealthIssue"
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_issue_is_explained_and_no_other() -> None:
    assert {plain(row[0]) for row in table(HEALTH)} == codes()


def test_every_field_of_status_is_on_the_page_and_no_other() -> None:
    document = msgspec.to_builtins(health.judge([], {}, now=datetime(2026, 1, 1, tzinfo=UTC)))
    assert [plain(row[0]) for row in STATUS] == list(document)
