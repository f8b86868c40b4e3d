"""A stranger's plugin with options of its own: configured, asked, and its secrets kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household

PIN = "49152"


@pytest.fixture(autouse=True)
def _installed(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent / "has_options")
    del household.modes["series"]


def configure(household: Household, options: str) -> None:
    """The movies are read by the plugin, with these options."""
    household.write_config()
    text = household.config.read_text().replace("provider: radarr", f"provider: vault\n    {options}")
    household.config.write_text(text)


async def test_a_refresh_goes_by_the_options(household: Household, trailarrd: CommandLine) -> None:
    configure(household, f'options: {{pin: "{PIN}", edition: deluxe}}')
    done = await trailarrd("refresh", "--json")
    assert (done.code, done.document["refreshes"][0]["added"]) == (0, 3)


async def test_options_come_from_the_environment_too(household: Household, trailarrd: CommandLine) -> None:
    configure(household, "options: {edition: plain}")
    environ = {"OPTIONS__PIN": PIN, "OPTIONS__EDITION": "deluxe"}
    named = {f"TRAILARRD_CONNECTIONS__MOVIES__{name}": value for name, value in environ.items()}
    done = await trailarrd.bare("--config", str(household.config), "refresh", **named)
    assert done.code == 0


async def test_a_secret_option_is_kept_out_of_all_that_is_written(
    household: Household, trailarrd: CommandLine
) -> None:
    """Even where the plugin itself lets it slip."""
    configure(household, 'options: {pin: "86420"}')
    done = await trailarrd("refresh", "--json")
    assert (done.code, "86420" in done.out + done.err) == (1, False)
    assert "the PIN *** is wrong" in done.out
    content = repr(household.database.sql("SELECT * FROM connections"))
    assert "the PIN *** is wrong" in content
    assert "86420" not in content


async def test_a_mistake_in_the_options_ends_the_command_with_its_place(
    household: Household, trailarrd: CommandLine
) -> None:
    configure(household, 'options: {pin: "86420", editoin: deluxe}')
    done = await trailarrd("refresh")
    assert (done.code, done.out) == (78, "")
    lines = household.config.read_text().split("\n")
    number = next(n for n, line in enumerate(lines, start=1) if "editoin" in line)
    assert f"{household.config}:{number}:29: connections[0].options: unknown key 'editoin'" in done.err
    assert "hint: did you mean 'edition'?" in done.err
    assert "86420" not in done.err
