"""docs/security.md, "A malicious or broken Arr server": what it gets is its own key and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household

KEYS = {"movies": "0123456789abcdef" * 2, "series": "fedcba9876543210" * 2}


async def test_each_server_gets_its_own_key_with_every_request_and_never_the_others(
    household: Household, trailarrd: CommandLine
) -> None:
    """Both are on one host, where a key for the host would do."""
    text = household.config.read_text()
    for name, key in KEYS.items():
        household.shelves[name].server.api_key = household.variables[f"{name.upper()}_KEY"] = key
        text = text.replace("TEST_ARR_KEY", f"{name.upper()}_KEY", 1)
    household.config.write_text(text)
    assert (await trailarrd("refresh")).code == 0
    assert (await trailarrd("check")).code in (0, 1)
    for name, other in (("movies", "series"), ("series", "movies")):
        asked = household.shelves[name].server.requests
        assert {one.headers.get("X-Api-Key") for one in asked} == {KEYS[name]}
        everything = [f"{one.target} {dict(one.headers)} {one.content!r}" for one in asked]
        assert [one for one in everything if KEYS[other] in one] == []
