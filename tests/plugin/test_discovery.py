"""Plugins are found by their entry points; a broken one is a record with a reason and stops nobody else."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.plugin.fakes import FAKES, fakes
from trailarrd import __version__
from trailarrd.discovery.plugins import LoadLimits, discover, downloaders_by_name, providers_by_name
from trailarrd.discovery.record import PluginRecord, PluginStatus
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.secret import Secret
from trailarrd.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_PARTY = {"lidarr", "radarr", "sonarr"}

NO_IO = "at import and in its hook a plugin does no I/O"
IS_ASYNC = "trailarrd_providers is async: a hook is a plain function, write def instead of async def"

FAILED = {
    "import-error": "ModuleNotFoundError: No module named 'a_module_that_nobody_has'"
    " (fake_import_error.py, line 3)",
    "no-such-module": "ModuleNotFoundError: No module named 'fake_no_such_module'",
    "raises-at-import": "OSError: no disk in the drive (fake_raises_at_import.py, line 3)",
    "exits-at-import": "SystemExit: usage: me (fake_exits_at_import.py, line 5)",
    "unsayable": "UnsayableError: its text cannot be shown (fake_unsayable.py, line 9)",
    "wrong-type": "yields a dict instead of a Provider",
    "misspelt-hook": "unknown hook 'trailarrd_provider': the hook is called trailarrd_providers",
    "unmarked-hook": "trailarrd_providers is not marked with @hookimpl of trailarrd.plugin",
    "no-hook": "implements no hook:"
    " write trailarrd_providers or trailarrd_downloaders and mark it with @hookimpl",
    "async-hook": IS_ASYNC,
    "async-generator-hook": IS_ASYNC,
    "hook-raises": "KeyError: 'nope' (fake_hook_raises.py, line 8)",
    "hook-raises-late": "RuntimeError: later (fake_hook_raises_late.py, line 9)",
    "hook-exits": "KeyboardInterrupt (fake_hook_exits.py, line 8)",
    "returns-nothing": "trailarrd_providers returns nothing: let it yield a Provider",
    "returns-one": "trailarrd_providers returns a Provider: write yield instead of return",
    "async-parser": "TypeError: parser is async: it is a plain function, write def instead of async def"
    " (fake_async_parser.py, line 12)",
    "empty": "offers no provider: its hook yields nothing",
    "endless": "yields more than 100 providers",
    "twice": "yields two providers that are called 'twice'",
    "bad-name": "ValueError: name 'Bad Name' is not a lower-case slug such as 'movie'"
    " (fake_bad_name.py, line 8)",
    "blocks": f"is not loaded after 0.2 s: {NO_IO}",
}
USABLE = {"good", "newer-too", "prints", "this-major", "no-metadata", "slow"}
OTHERS = {*USABLE, "toy", "newer", "other-major", "taken-one", "taken-two", "damaged"}


class Install(Protocol):
    """Puts static distributions on the module path."""

    def __call__(self, *names: str) -> None: ...


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    before = set(sys.modules)

    def install(*names: str) -> None:
        for folder in fakes(*names):
            monkeypatch.syspath_prepend(folder)

    yield install
    for name in set(sys.modules) - before:
        if name.startswith("fake_"):
            del sys.modules[name]


def by_name(**limits: float) -> dict[str, PluginRecord]:
    within = LoadLimits(**limits) if limits else None
    return {record.name: record for record in discover(limits=within)}


def test_every_distribution_of_the_fixtures_is_tried() -> None:
    assert {folder.name for folder in FAKES.iterdir()} == {*FAILED, "wrong-arguments", *OTHERS}


def test_the_first_party_plugins_are_found_like_any_other() -> None:
    records = {record.name: record for record in discover() if record.name in FIRST_PARTY}
    assert {name: record.distribution for name, record in records.items()} == {
        name: f"trailarrd-{name}" for name in FIRST_PARTY
    }
    assert providers_by_name(records.values()).keys() == FIRST_PARTY


def test_a_plugin_is_found_by_its_entry_point_alone(install: Install) -> None:
    install("good")
    record = by_name()["good"]
    assert (record.status, record.distribution, record.version) == ("loaded", "fake-good", "1.0")
    assert record.reason is None
    assert "good" in providers_by_name([record])


def test_a_plugin_that_offers_a_downloader_alone_is_found_in_the_same_way(install: Install) -> None:
    install("toy")
    record = by_name()["toy"]
    assert (record.status, [str(offer) for offer in record.offers]) == ("loaded", ["downloader toy"])
    assert (downloaders_by_name([record])["toy"].name, providers_by_name([record])) == ("toy", {})
    assert downloaders_by_name([replace(record, status=PluginStatus.CONFLICT)]) == {}


@pytest.mark.parametrize("name", FAILED)
def test_a_plugin_that_misbehaves_is_named_with_its_reason_and_the_others_work(
    install: Install, name: str
) -> None:
    install(name, "good")
    records = by_name(longest=0.2) if name == "blocks" else by_name()
    record = records.pop(name)
    assert (record.status, record.reason) == (PluginStatus.FAILED, FAILED[name])
    assert (record.distribution, record.providers) == (f"fake-{name}", ())
    assert {other.status for other in records.values()} == {PluginStatus.LOADED}
    assert {*FIRST_PARTY, "good"} <= set(providers_by_name(records.values()))


def test_the_line_of_a_package_is_told_with_the_name_of_the_package(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most plugins are an `__init__.py`."""
    info, package = tmp_path / "fake_packed-1.0.dist-info", tmp_path / "fake_packed"
    info.mkdir()
    package.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-packed\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[trailarrd]\npacked = fake_packed\n")
    (package / "__init__.py").write_text("\nint('x')\n")
    install()
    monkeypatch.syspath_prepend(tmp_path)
    assert (by_name()["packed"].reason or "").endswith("'x' (fake_packed/__init__.py, line 2)")


def test_a_hook_that_wants_arguments_is_refused_by_name(install: Install) -> None:
    install("wrong-arguments")
    record = by_name()["wrong-arguments"]
    assert record.status is PluginStatus.FAILED
    assert "'settings'" in (record.reason or "")


def test_all_of_them_at_once_stop_nobody_and_nothing(install: Install) -> None:
    install(*(FAILED.keys() - {"blocks"}), *OTHERS)
    usable = providers_by_name(record for record in discover() if record.status.usable)
    assert usable.keys() == {*FIRST_PARTY, *USABLE}


def test_a_plugin_that_blocks_at_import_is_left_behind(install: Install) -> None:
    install("blocks")
    began = time.monotonic()
    assert by_name(longest=0.2)["blocks"].status is PluginStatus.FAILED
    assert time.monotonic() - began < 5


def test_a_slow_plugin_is_used_and_the_user_hears_of_it(install: Install) -> None:
    install("slow")
    record = by_name(slow=0.2, longest=20.0)["slow"]
    assert record.status is PluginStatus.SLOW
    assert (record.reason or "").endswith(f" s to load: {NO_IO}")
    assert "slow" in providers_by_name([record])


def test_a_plugin_for_another_major_version_is_not_even_imported(install: Install) -> None:
    install("other-major")
    record = by_name()["other-major"]
    assert record.status is PluginStatus.INCOMPATIBLE
    assert record.reason == (
        f"it was made for trailarrd>=7,<8, and this is {__version__}: install a version of it that fits"
    )
    assert "fake_other_major" not in sys.modules


def test_a_plugin_whose_hooks_only_a_later_version_knows_is_told_from_one_without_any(
    install: Install,
) -> None:
    install("newer", "no-hook", "misspelt-hook")
    records = by_name()
    reason = f"made for a newer trailarrd: {__version__} does not know its hook 'trailarrd_announcers'"
    assert records["newer"].status is PluginStatus.INCOMPATIBLE
    assert records["newer"].reason == f"{reason}; upgrade trailarrd"
    assert {records[name].status for name in ("no-hook", "misspelt-hook")} == {PluginStatus.FAILED}


def test_what_only_a_later_version_knows_is_not_called_beside_what_this_one_knows(install: Install) -> None:
    install("newer-too")
    record = by_name()["newer-too"]
    assert (record.status, record.reason) == (PluginStatus.LOADED, None)
    assert "newer-too" in providers_by_name([record])


def test_requirements_that_trailarrd_meets_or_that_do_not_apply_stop_no_plugin(install: Install) -> None:
    install("this-major")
    assert by_name()["this-major"].status is PluginStatus.LOADED


def test_what_a_plugin_prints_does_not_get_between_the_lines_of_a_scripts_json(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("prints")
    assert by_name()["prints"].status is PluginStatus.LOADED
    assert capsys.readouterr() == ("", "hello from the plugin\n")


def test_damaged_metadata_hides_no_other_plugin(install: Install) -> None:
    install("damaged", "no-metadata", "good")
    records = by_name()
    assert {"good", *FIRST_PARTY} <= set(records)
    lost = records["no-metadata"]
    assert (lost.status, lost.distribution, lost.version) == ("loaded", "an unknown distribution", "")


def test_a_provider_name_taken_twice_is_given_to_neither_and_both_are_named(install: Install) -> None:
    install("taken-one", "taken-two")
    records = by_name()
    reason = (
        "provider 'taken' is offered by fake-taken-one (taken-one) and by fake-taken-two (taken-two): "
        "uninstall one of them, or name it under plugins.disabled"
    )
    for name in ("taken-one", "taken-two"):
        assert (records[name].status, records[name].reason) == (PluginStatus.CONFLICT, reason)
    assert providers_by_name(records.values())["taken"].media_kind == "unknown"


@pytest.mark.parametrize("name", ["taken-two", "fake-taken-two", "Fake_Taken.Two"])
def test_a_plugin_can_be_disabled_by_its_own_or_its_distributions_name(install: Install, name: str) -> None:
    install("taken-one", "taken-two")
    records = {record.name: record for record in discover([name])}
    assert records["taken-one"].status is PluginStatus.LOADED
    assert records["taken-two"].status is PluginStatus.DISABLED
    assert "plugins.disabled" in (records["taken-two"].reason or "")
    assert "fake_taken_two" not in sys.modules


@pytest.mark.parametrize(
    ("name", "disabled", "reason"),
    [
        ("import-error", (), "a_module_that_nobody_has"),
        ("other-major", (), "it was made for trailarrd"),
        ("good", ("good",), "plugins.disabled"),
    ],
)
async def test_a_connection_of_a_plugin_that_is_not_loaded_hears_why(
    install: Install, name: str, disabled: tuple[str, ...], reason: str
) -> None:
    install(name)
    provider = providers_by_name(discover(disabled))[name]
    server = ArrServer(url="http://h", api_key=Secret("k"))
    api = provider.api_manager(None, server)  # type: ignore[arg-type]  # it asks nobody
    with pytest.raises(PluginError, match=rf"provider {name} is not loaded: .*{reason}"):
        await api.system_status()


def test_of_two_copies_of_a_plugin_the_one_that_python_imports_counts(install: Install) -> None:
    install("good")
    sys.path.append(sys.path[0])
    try:
        assert [record.name for record in discover()].count("good") == 1
    finally:
        sys.path.pop()


def test_the_version_shown_is_the_distributions() -> None:
    assert by_name()["radarr"].version == version("trailarrd-radarr")
