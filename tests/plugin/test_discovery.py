"""Plugins are found by their entry points; a broken one is a record with a reason and stops nobody else."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.connection import ArrServer
from trailarrd.domain.secret import Secret
from trailarrd.errors import PluginError
from trailarrd.plugin.discovery import PluginRecord, PluginStatus, discover, providers_by_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = """
    from trailarrd.plugin import MediaKind, Provider, hookimpl

    @hookimpl
    def trailarrd_providers():
        yield Provider(name="{provider}", media_kind=MediaKind("artist"), api_manager=print, parser=print)
"""


class Site:
    """A folder on sys.path in which distributions can be installed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def install(self, name: str, source: str) -> None:
        (self._path / f"{name}_module.py").write_text(textwrap.dedent(source))
        info = self._path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[trailarrd]\n{name} = {name}_module\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield Site(tmp_path)
    for name in set(sys.modules) - before:
        del sys.modules[name]


def _record(name: str) -> PluginRecord:
    return next(record for record in discover() if record.name == name)


def test_the_first_party_plugins_are_found_like_any_other() -> None:
    records = discover()
    assert {record.name: record.distribution for record in records} == {
        "radarr": "trailarrd-radarr",
        "sonarr": "trailarrd-sonarr",
    }
    assert set(providers_by_name(records)) == {"radarr", "sonarr"}


def test_a_plugin_is_found_by_its_entry_point_alone(site: Site) -> None:
    site.install("lidarrlike", GOOD.format(provider="lidarrlike"))
    record = _record("lidarrlike")
    assert (record.status, record.distribution, record.version) == ("loaded", "lidarrlike", "1.0")
    assert "lidarrlike" in providers_by_name(discover())


BROKEN = {
    "fails to import": ("import no_such_module", "No module named 'no_such_module'"),
    "raises at import": ("raise SystemError('boom')", "SystemError: boom"),
    "raises in its hook": (
        """
        from trailarrd.plugin import hookimpl

        @hookimpl
        def trailarrd_providers():
            raise KeyError("nope")
        """,
        "KeyError: 'nope'",
    ),
    "raises after its first provider": (
        GOOD.format(provider="half") + "        raise RuntimeError('later')\n",
        "RuntimeError: later",
    ),
    "yields something else": (
        """
        from trailarrd.plugin import hookimpl

        @hookimpl
        def trailarrd_providers():
            return [{"name": "dict"}]
        """,
        "yields a dict instead of a Provider",
    ),
    "has an async hook": (
        """
        from trailarrd.plugin import hookimpl

        @hookimpl
        async def trailarrd_providers():
            return []
        """,
        "trailarrd_providers is async",
    ),
    "misspells its hook": (
        """
        from trailarrd.plugin import hookimpl

        @hookimpl
        def trailarrd_provider():
            return []
        """,
        "unknown hook 'trailarrd_provider'",
    ),
    "implements nothing": ("x = 1", "implements no hook"),
    "names its provider badly": (GOOD.format(provider="Bad Name"), "is not a lower-case slug"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_plugin_that_misbehaves_is_named_with_its_reason_and_the_others_work(site: Site, case: str) -> None:
    source, reason = BROKEN[case]
    site.install("broken", source)
    record = _record("broken")
    assert record.status is PluginStatus.FAILED
    assert reason in (record.reason or "")
    assert {"radarr", "sonarr"} <= set(providers_by_name(discover()))


async def test_a_connection_of_a_plugin_that_is_not_loaded_hears_why(site: Site) -> None:
    site.install("broken", "import no_such_module")
    provider = providers_by_name(discover())["broken"]
    server = ArrServer(url="http://h", api_key=Secret("k"))
    api = provider.api_manager(None, server)  # type: ignore[arg-type]  # it asks nobody
    with pytest.raises(PluginError, match=r"provider broken is not loaded: .*no_such_module"):
        await api.system_status()


def test_a_provider_name_taken_twice_is_given_to_neither_and_both_are_named(site: Site) -> None:
    site.install("one", GOOD.format(provider="same"))
    site.install("two", GOOD.format(provider="same"))
    records = {record.name: record for record in discover()}
    for name in ("one", "two"):
        assert records[name].status is PluginStatus.CONFLICT
        assert "one (one) and two (two)" in (records[name].reason or "")
    assert providers_by_name(discover())["same"].media_kind == "unknown"
