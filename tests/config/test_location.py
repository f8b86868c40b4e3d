"""Where the configuration is looked for, and where the database lies by default."""

from __future__ import annotations

from pathlib import Path

import pytest

from trailarrd.config import find_config
from trailarrd.config.location import default_database_url, new_config, overlooked
from trailarrd.errors import ConfigError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_option_outranks_the_environment_which_outranks_the_folder(here: Path) -> None:
    for name in ("option.yaml", "environ.yaml", "trailarrd.yaml"):
        (here / name).touch()
    environ = {"TRAILARRD_CONFIG": "environ.yaml"}
    assert find_config("option.yaml", environ) == Path("option.yaml")
    assert find_config(None, environ) == Path("environ.yaml")
    assert find_config(None, {"TRAILARRD_CONFIG": ""}) == Path("trailarrd.yaml")


@pytest.mark.skipif(Path("/etc/trailarrd/trailarrd.yaml").exists(), reason="this host has one")
def test_the_users_own_outranks_the_one_here_which_is_told_of(here: Path) -> None:
    own = here / ".config" / "trailarrd" / "trailarrd.yaml"
    own.parent.mkdir(parents=True)
    for file in (own, here / "trailarrd.yaml"):
        file.touch()
    environ = {"HOME": str(here)}
    assert find_config(None, environ) == own
    assert overlooked(None, environ) == [Path("trailarrd.yaml")]
    assert overlooked(str(own), environ) == [], "who names one knows which counts"
    assert find_config(None, {**environ, "XDG_CONFIG_HOME": "/elsewhere"}) == Path("trailarrd.yaml")


@pytest.mark.parametrize(
    ("explicit", "environ", "is_root", "place"),
    [
        (None, {"HOME": "/h"}, False, "/h/.config/trailarrd/trailarrd.yaml"),
        (None, {"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, False, "/x/trailarrd/trailarrd.yaml"),
        (None, {"HOME": "/root"}, True, "/etc/trailarrd/trailarrd.yaml"),
        (None, {"HOME": "/h", "TRAILARRD_CONFIG": "/t.yaml"}, True, "/t.yaml"),
        ("mine.yaml", {"HOME": "/h"}, True, "mine.yaml"),
    ],
)
def test_a_first_one_is_written_where_it_will_be_found(
    explicit: str | None, environ: dict[str, str], is_root: bool, place: str
) -> None:
    assert new_config(explicit, environ, is_root=is_root) == Path(place)


def test_where_there_is_no_home_one_says_where() -> None:
    with pytest.raises(ConfigError, match="say where by --config FILE"):
        new_config(None, {}, is_root=False)


@pytest.mark.parametrize(
    ("explicit", "environ", "message"),
    [
        ("a.yaml", {}, "a.yaml: no such file or directory (named by --config)"),
        ("", {}, "'': no name of a file (named by --config)"),
        (".", {}, ".: is a directory (named by --config)"),
        (
            None,
            {"TRAILARRD_CONFIG": "b.yaml"},
            "b.yaml: no such file or directory (named by $TRAILARRD_CONFIG)",
        ),
    ],
)
def test_a_file_that_was_named_must_be_there(
    explicit: str | None, environ: dict[str, str], message: str, here: Path
) -> None:
    """Another one must not silently take its place."""
    (here / "trailarrd.yaml").touch()
    with pytest.raises(ConfigError) as caught:
        find_config(explicit, environ)
    assert str(caught.value) == message


@pytest.mark.skipif(Path("/etc/trailarrd/trailarrd.yaml").exists(), reason="this host has one")
def test_where_none_is_found_the_error_says_where_it_looked_and_what_to_do() -> None:
    with pytest.raises(ConfigError) as caught:
        find_config(None, {})
    assert str(caught.value) == (
        "no configuration found; looked for /etc/trailarrd/trailarrd.yaml, ./trailarrd.yaml\n"
        "    hint: 'trailarrd init' writes one; or name yours with --config FILE or $TRAILARRD_CONFIG"
    )


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({"STATE_DIRECTORY": "/var/lib/t"}, "sqlite+aiosqlite:////var/lib/t/trailarrd.db"),
        ({"STATE_DIRECTORY": "/var/lib/t:/b"}, "sqlite+aiosqlite:////var/lib/t/trailarrd.db"),
        ({"XDG_STATE_HOME": "/s", "HOME": "/h"}, "sqlite+aiosqlite:////s/trailarrd/trailarrd.db"),
        (
            {"XDG_STATE_HOME": "s", "HOME": "/h"},
            "sqlite+aiosqlite:////h/.local/state/trailarrd/trailarrd.db",
        ),
        ({"STATE_DIRECTORY": "/a", "HOME": "/h"}, "sqlite+aiosqlite:////a/trailarrd.db"),
        ({}, None),
    ],
)
def test_the_database_lies_in_the_state_directory(environ: dict[str, str], url: str | None) -> None:
    assert default_database_url(environ, Path("/home/me/trailarrd.yaml")) == url


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with other folders for the service than the real ones."""
    for name in ("SERVICE_CONFIG", "SERVICE_STATE"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(f"trailarrd.config.location.{name}", tmp_path / name)
    return tmp_path


def test_the_services_configuration_means_the_services_database_from_any_shell(host: Path) -> None:
    config, mine = host / "SERVICE_CONFIG/trailarrd.yaml", host / ".local/state/trailarrd/trailarrd.db"
    service = f"sqlite+aiosqlite:///{host}/SERVICE_STATE/trailarrd.db"
    assert default_database_url({"HOME": str(host)}, config) == service
    assert default_database_url({"HOME": str(host)}, host / "trailarrd.yaml") == f"sqlite+aiosqlite:///{mine}"
    mine.parent.mkdir(parents=True)
    mine.touch()
    assert default_database_url({"HOME": str(host)}, config) == f"sqlite+aiosqlite:///{mine}", "kept so far"
    (host / "SERVICE_STATE/trailarrd.db").touch()
    assert default_database_url({"HOME": str(host)}, config) == service
