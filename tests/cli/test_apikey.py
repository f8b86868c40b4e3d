"""`apikey`: keys to the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.domain.apikey import digest_of

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household


async def test_a_new_key_is_the_only_thing_on_stdout_and_the_database_has_its_hash(
    household: Household, trailarrd: CommandLine
) -> None:
    """Even before there is a database."""
    done = await trailarrd("apikey", "create", "phone")
    (token,) = done.out.splitlines()
    assert (done.code, done.err) == (0, "keep it: it cannot be shown again\n")
    assert token.startswith("trailarrd_")
    assert len(token) == len("trailarrd_") + 43  # 32 random bytes
    assert household.database.sql("SELECT name, digest, may_write FROM api_keys") == [
        ("phone", digest_of(token), 1)
    ]


async def test_no_two_keys_are_alike(trailarrd: CommandLine) -> None:
    one, other = [(await trailarrd("apikey", "create", name)).out for name in ("one", "other")]
    assert one != other


async def test_a_name_is_given_once(trailarrd: CommandLine) -> None:
    await trailarrd("apikey", "create", "phone")
    done = await trailarrd("apikey", "create", "phone")
    assert (done.code, done.out) == (2, "")
    assert "There is a key 'phone' already" in done.err


async def test_a_name_that_is_none_is_refused(trailarrd: CommandLine) -> None:
    done = await trailarrd("apikey", "create", "my phone")
    assert (done.code, done.out) == (2, "")


async def test_keys_are_listed_by_name_without_what_they_are(trailarrd: CommandLine) -> None:
    token = (await trailarrd("apikey", "create", "phone")).out.strip()
    await trailarrd("apikey", "create", "grafana", "--read-only")
    table = (await trailarrd("apikey", "list")).out
    assert "phone" in table
    assert token not in table
    lines = (await trailarrd("apikey", "list", "--json")).lines
    assert [(line["name"], line["may_write"]) for line in lines] == [("grafana", False), ("phone", True)]
    assert {key for line in lines for key in line} == {"name", "may_write", "created"}


async def test_where_there_is_no_key_that_is_said(trailarrd: CommandLine) -> None:
    done = await trailarrd("apikey", "list")
    assert (done.code, done.out) == (0, "")
    assert "only for reading" in done.err


async def test_a_revoked_key_is_gone_and_an_unknown_one_is_told(trailarrd: CommandLine) -> None:
    await trailarrd("apikey", "create", "phone")
    assert (await trailarrd("apikey", "revoke", "phone")).code == 0
    assert (await trailarrd("apikey", "list", "--json")).out == ""
    done = await trailarrd("apikey", "revoke", "phone")
    assert (done.code, "No key 'phone'" in done.err) == (2, True)
