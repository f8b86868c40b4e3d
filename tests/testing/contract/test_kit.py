"""What the kit asks of an author's machine, and of an author who has not begun yet."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from tests.docs.pages import ROOT
from trailarrd.testing import Dialect
from trailarrd.testing.contract import ProviderContract


def run(source: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)


def test_the_simulated_servers_and_the_demo_need_no_pytest() -> None:
    ended = run("import sys, trailarrd.testing.demo; sys.exit('pytest' in sys.modules)")
    assert ended.returncode == 0, ended.stderr


def test_without_pytest_the_kit_says_what_to_install() -> None:
    ended = run("import sys; sys.modules['pytest'] = None; import trailarrd.testing.contract")
    assert ended.returncode == 1
    assert "pip install 'trailarrd[testing]'" in ended.stderr.splitlines()[-1]


def test_the_extra_brings_pytest() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert [name.partition(">")[0] for name in project["optional-dependencies"]["testing"]] == ["pytest"]


@pytest.mark.parametrize("fixture", ["provider", "dialect"])
def test_a_fixture_that_the_author_has_not_written_says_so(fixture: str) -> None:
    function = getattr(ProviderContract, fixture)._get_wrapped_function()
    with pytest.raises(pytest.fail.Exception, match=f"define a fixture `{fixture}`"):
        function(ProviderContract())


def test_a_dialect_needs_records_with_id_title_and_folder() -> None:
    given = {"app_name": "A", "api_root": "api/v1", "resource": "a"}
    with pytest.raises(ValueError, match="at least one"):
        Dialect.from_samples(**given, records=[])
    with pytest.raises(ValueError, match=r"has no name and no folder but id: tell .* title=.* and path="):
        Dialect.from_samples(**given, records=[{"id": 1}], title="name", path="folder")
