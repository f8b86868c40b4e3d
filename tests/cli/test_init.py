"""`trailarrd init`: from an address and a key to a configuration that works, and nothing is overwritten."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tests.world import KEY, Shelf
from trailarrd.config import load
from trailarrd.config.annotated import NewConnection, text_of
from trailarrd.config.scaffold import write_blank
from trailarrd.testing import (
    RADARR,
    Gate,
    Hub,
    Refusal,
    SimulatedArr,
    SimulatedLibrary,
    Turned,
    WrongApplication,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Ended, Household
    from trailarrd.testing import Fault


class Init:
    """Answers the questions, or gives the options."""

    def __init__(self, trailarrd: CommandLine) -> None:
        self.trailarrd = trailarrd
        self.config = trailarrd.household.home / "new" / "trailarrd.yaml"
        self.config.parent.mkdir()
        self.key = self.config.parent / "keys" / "radarr"
        self.key.parent.mkdir()
        self.key.write_text(f"{KEY}\n")

    async def asked(self, *lines: str) -> Ended:
        """What a person types."""
        answer = "".join(f"{line}\n" for line in lines)
        return await self.trailarrd.bare("--config", str(self.config), "init", answer=answer)

    async def told(self, *words: str) -> Ended:
        """What a script says."""
        return await self.trailarrd.bare("--config", str(self.config), "init", *words)

    def settings(self) -> dict[str, tuple[str, str, list[tuple[str, str]]]]:
        """Each connection's provider, url and mappings, as they are read again."""
        environ = self.trailarrd.household.environ
        settings = load(self.config, providers=["radarr", "sonarr"], environ=environ)
        assert {connection.api_key.reveal() for connection in settings.connections} == {KEY}
        return {
            c.name: (c.provider, c.url, [(m.remote, m.local) for m in c.path_mappings])
            for c in settings.connections
        }


@pytest.fixture
def init(trailarrd: CommandLine) -> Init:
    return Init(trailarrd)


@pytest.mark.parametrize("yes", [["y"], []], ids=["yes", "its address at once"])
async def test_two_servers_are_recognised_by_themselves_and_found_on_disk(
    household: Household, init: Init, yes: list[str]
) -> None:
    movies, series = household.movies, household.series
    done = await init.asked(movies.server.url, KEY, *yes, series.server.url, KEY, "n")
    assert done.code == 0
    # A downloader that is installed here may warn that it is not ready.
    assert done.out.splitlines()[-1].startswith(("all is well", "0 problems, "))
    assert init.settings() == {
        "movies": ("radarr", movies.server.url, [("/movies", str(movies.folder))]),
        "series": ("sonarr", series.server.url, [("/tv", str(series.folder))]),
    }
    assert "Another server? [y/N]" in done.err


async def test_the_key_is_in_a_file_for_its_owner_only_and_in_no_output(
    household: Household, init: Init
) -> None:
    done = await init.asked(household.movies.server.url, KEY, "n")
    file = init.config.parent / "movies.key"
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (f"{KEY}\n", 0o600)
    assert KEY not in init.config.read_text() + done.out + done.err


async def test_by_options_nothing_is_asked_and_the_key_stays_where_it_is(
    household: Household, init: Init
) -> None:
    url = household.movies.server.url
    done = await init.told("--url", url, "--key-file", str(init.key))
    assert done.code == 0
    assert init.settings() == {"movies": ("radarr", url, [("/movies", str(household.movies.folder))])}
    assert sorted(path.name for path in init.config.parent.iterdir()) == [
        "connections.d",
        "keys",
        "trailarrd.yaml",
    ]


@pytest.mark.parametrize("turned", [Turned.BASIC, Turned.PAGE])
async def test_a_login_in_front_of_it_is_asked_for_and_its_password_put_into_a_file(
    household: Household, init: Init, turned: Turned
) -> None:
    server = household.movies.server
    server.gate = Gate(basic=("me", "a $ecret: word"), turned=turned)
    done = await init.asked(server.url, KEY, "me", "a $ecret: word", "n")
    assert done.code == 0
    # A downloader that is installed here may warn that it is not ready.
    assert done.out.splitlines()[-1].startswith(("all is well", "0 problems, "))
    file = init.config.parent / "movies.password"
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("a $ecret: word\n", 0o600)
    text = init.config.read_text()
    assert "    basic: {user: 'me', password: !file movies.password}" in text
    assert "$ecret" not in text + done.out + done.err
    refused = await init.trailarrd.bare(
        "--config", str(init.config.with_name("b.yaml")), "init", answer=f"{server.url}\n{KEY}\n\n\n"
    )
    assert (refused.code, "login" in refused.err) == (1, True)


async def test_two_of_a_kind_get_two_names(household: Household, init: Init) -> None:
    url = household.movies.server.url
    done = await init.told(*["--url", url, "--key-file", str(init.key)] * 2)
    assert done.code == 0
    assert list(init.settings()) == ["movies", "movies-2"]


async def test_nothing_that_is_there_is_overwritten_and_nobody_is_asked(
    household: Household, init: Init
) -> None:
    init.config.write_text("mine")
    done = await init.asked(household.movies.server.url, KEY, "n")
    assert (done.code, init.config.read_text()) == (2, "mine")
    assert f"{init.config} is there already" in done.err
    assert household.movies.server.requests == []


async def test_what_a_containers_first_start_has_written_is_filled_in_unless_somebody_has_touched_it(
    household: Household, init: Init
) -> None:
    assert write_blank(init.config)
    init.config.write_text(init.config.read_text() + "# mine\n")
    words = ("--url", household.movies.server.url, "--key-file", str(init.key))
    assert (await init.told(*words)).code == 2
    init.config.unlink()
    assert write_blank(init.config)
    assert ((await init.told(*words)).code, list(init.settings())) == (0, ["movies"])


async def test_a_key_file_that_is_there_is_somebodys_and_another_name_is_taken(
    household: Household, init: Init
) -> None:
    (init.config.parent / "movies.key").write_text("mine")
    done = await init.asked(household.movies.server.url, KEY, "n")
    assert (done.code, (init.config.parent / "movies.key").read_text()) == (0, "mine")
    assert "api_key: !file movies-2.key" in init.config.read_text()
    assert list(init.settings()) == ["movies"]


async def test_a_server_can_be_skipped_and_one_that_fails_costs_no_other(
    household: Household, init: Init
) -> None:
    await household.series.server.stop()
    movies, series = household.movies.server.url, household.series.server.url
    done = await init.asked(movies, KEY, "y", series, KEY, "")
    assert (done.code, list(init.settings())) == (0, ["movies"])
    assert "press Enter to go on without it" in done.err
    nothing = await init.trailarrd.bare("--config", str(init.config.with_name("b.yaml")), "init", answer="\n")
    assert (nothing.code, "nothing is written" in nothing.err) == (1, True)
    assert sorted(path.name for path in init.config.parent.iterdir()) == [
        "connections.d",
        "keys",
        "movies.key",
        "trailarrd.yaml",
    ]


async def test_the_url_base_that_the_server_itself_names_is_taken(
    household: Household, init: Init, tmp_path: Path
) -> None:
    based = Shelf(
        SimulatedArr(SimulatedLibrary(RADARR), api_key=KEY, url_base="/radarr", hub=Hub()), tmp_path / "films"
    )
    async with based.server as server:
        done = await init.told("--url", server.origin, "--key-file", str(init.key))
    assert (done.code, init.settings()["movies"][:2]) == (1, ("radarr", f"{server.origin}/radarr"))
    assert f"the server names its URL base itself, so its address is {server.origin}/radarr" in done.err


async def test_it_writes_into_the_users_folder_and_is_found_there_from_anywhere(
    household: Household, init: Init, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "mine" / "trailarrd" / "trailarrd.yaml"
    place = {"XDG_CONFIG_HOME": str(tmp_path / "mine")}
    answer = f"{household.movies.server.url}\n{KEY}\nn\n"
    done = await init.trailarrd.bare("init", answer=answer, **place)
    assert (done.code, f"{config} is written" in done.err) == (0, True)
    (tmp_path / "trailarrd.yaml").write_text("another")
    checked = await init.trailarrd.bare("check", "--offline", **place)
    assert f"{tmp_path}/trailarrd.yaml is there, too, and not read" in checked.out
    shown = await init.trailarrd.bare("config", "show", **place)
    assert f"{config} counts; {tmp_path}/trailarrd.yaml is there, too, and not read" in shown.err
    assert "not read" not in (await init.trailarrd.bare("--config", str(config), "config", "show")).err


async def test_a_wrong_key_is_told_with_advice_and_asked_for_again(household: Household, init: Init) -> None:
    url = household.movies.server.url
    done = await init.asked(url, "wrong", url.removeprefix("http://"), KEY, "n")
    assert done.code == 0
    assert "refuses the API key" in done.err
    assert "Copy the key once more" in done.err
    assert init.settings()["movies"][1] == url


async def test_for_a_script_a_server_that_is_not_known_ends_it_and_nothing_is_written(
    household: Household, init: Init
) -> None:
    household.movies.server.fault = Refusal()
    done = await init.told("--url", household.movies.server.url, "--key-file", str(init.key))
    assert done.code == 78
    assert "refuses the API key" in done.err
    assert not init.config.exists()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Refusal(), "the server refuses the API key"),
        (Refusal(status=404), "no such API there; check url, and that the application's version"),
        (WrongApplication(app_name="Whisparr"), "is Whisparr, which no installed plugin is for"),
    ],
    ids=["key", "version", "application"],
)
async def test_a_server_that_no_plugin_knows_is_not_called_what_it_is_not(
    household: Household, init: Init, fault: Fault, told: str
) -> None:
    household.movies.server.fault = fault
    done = await init.told("--url", household.movies.server.url, "--key-file", str(init.key))
    assert (done.code, told in done.err) == (78, True), done.err
    assert not {"Radarr", "Lidarr"} & set(done.err.split()), "no other plugin has a say"


async def test_a_server_that_is_down_is_told_with_advice(household: Household, init: Init) -> None:
    await household.movies.server.stop()
    done = await init.told("--url", household.movies.server.url, "--key-file", str(init.key))
    assert done.code == 78
    assert "connection refused" in done.err
    assert "Is the server up" in done.err


@pytest.mark.parametrize("words", [["--url", "http://a"], ["--key-file", "KEY"]])
async def test_an_address_without_a_key_or_a_key_without_an_address_is_wrong_usage(
    init: Init, words: list[str]
) -> None:
    done = await init.told(*[str(init.key) if word == "KEY" else word for word in words])
    assert (done.code, "Each --url needs a --key-file" in done.err) == (2, True)


async def test_an_address_that_is_none_is_told(init: Init) -> None:
    done = await init.told("--url", "ftp://nas", "--key-file", str(init.key))
    assert done.code == 78
    assert "the address must begin with http:// or https://" in done.err


def test_the_file_explains_itself(tmp_path: Path) -> None:
    text = text_of(
        [
            NewConnection(
                name="movies", provider="radarr", url="http://nas:7878", told="Radarr 6.0", mappings=()
            )
        ]
    )
    assert "provider: radarr # Radarr 6.0" in text
    assert "api_key: !file movies.key # in a file that others cannot read" in text
    assert "# path_mappings:" in text
    (tmp_path / "movies.key").write_text("abc")
    (tmp_path / "trailarrd.yaml").write_text(text)
    settings = load(tmp_path / "trailarrd.yaml", providers=["radarr"], environ={"HOME": "/home/me"})
    assert settings.connections[0].path_mappings == ()
