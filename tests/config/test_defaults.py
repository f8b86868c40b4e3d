"""`defaults:` says for all connections what none of them says itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.config.conftest import MINIMAL
from trailarrd.config.connections import ConnectionDefaults
from trailarrd.domain.connection import Timeouts

if TYPE_CHECKING:
    from tests.config.conftest import Loads, Report, Writes

MINUTE = timedelta(minutes=1)
TWO = MINIMAL + "  - {name: series, provider: sonarr, url: 'http://nas', api_key: abc, %s}\n"


def test_a_connection_has_what_the_defaults_say_unless_it_says_otherwise(loads: Loads) -> None:
    settings = loads("defaults: {monitor: sync, interval: 5m}\n" + TWO % "monitor: new")
    assert [(c.monitor, c.interval) for c in settings.connections] == [
        ("sync", 5 * MINUTE),
        ("new", 5 * MINUTE),
    ]


def test_mappings_within_are_merged(loads: Loads) -> None:
    settings = loads("defaults: {timeouts: {connect: 1s, stall: 2s}}\n" + TWO % "timeouts: {stall: 9s}")
    first, second = (connection.timeouts.timeouts() for connection in settings.connections)
    assert first == Timeouts(connect=1, first_byte=120, stall=2)
    assert second == Timeouts(connect=1, first_byte=120, stall=9)


def test_a_list_of_its_own_replaces_that_of_the_defaults(loads: Loads) -> None:
    both = "path_mappings: [{remote: /%s, local: /%s}]"
    settings = loads(f"defaults: {{{both % ('a', 'a')}}}\n" + TWO % (both % ("b", "b")))
    assert [[m.remote for m in c.path_mappings] for c in settings.connections] == [["/a"], ["/b"]]


def test_the_defaults_interval_outranks_the_common_one(loads: Loads) -> None:
    settings = loads("refresh: {interval: 3h}\ndefaults: {interval: 5m}\n" + MINIMAL)
    assert settings.connections[0].interval == 5 * MINUTE


def test_defaults_are_for_connections_of_included_files_too(loads: Loads, write: Writes) -> None:
    write("a.yaml", MINIMAL.replace("movies", "other"))
    settings = loads("include: a.yaml\ndefaults: {monitor: sync}\n" + MINIMAL)
    assert [connection.monitor for connection in settings.connections] == ["sync", "sync"]


MISTAKES = {
    "a wrong value, said once and not for each connection": (
        "defaults: {monitor: no}\n",
        """\
trailarrd.yaml:1:21: defaults.monitor: 'no' is not one of missing, new, sync, none
    defaults: {monitor: no}
                        ^
    hint: write none to monitor nothing""",
    ),
    "a misspelt key": (
        "defaults: {moniter: none}\n",
        """\
trailarrd.yaml:1:12: defaults: unknown key 'moniter'
    defaults: {moniter: …}
               ^
    hint: did you mean 'monitor'?""",
    ),
    "what no two connections have in common": (
        "defaults: {name: movies}\n",
        """\
trailarrd.yaml:1:12: defaults: unknown key 'name'
    defaults: {name: movies}
               ^
    hint: it belongs in an item of 'connections'""",
    ),
    "a value that its connections cannot have together": (
        "defaults: {verify_tls: false, ca_file: trailarrd.yaml}\n",
        """\
trailarrd.yaml:1:40: connections[0].ca_file: cannot go together with verify_tls: false
    defaults: {verify_tls: false, ca_file: trailarrd.yaml}
                                           ^
    hint: nothing would be checked against the file: delete one of the two""",
    ),
    "a list": (
        "defaults: [monitor]\n",
        f"""\
trailarrd.yaml:1:11: defaults: must be a mapping, not a list
    defaults: [monitor]
              ^
    hint: write it as 'key: value'; known keys: {", ".join(ConnectionDefaults.model_fields)}""",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_defaults_is_reported_where_it_is(mistake: str, report: Report) -> None:
    head, expected = MISTAKES[mistake]
    assert report(head + TWO % "retry: {attempts: 1}") == expected
