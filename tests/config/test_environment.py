"""Every setting can be said by the environment, which outranks the files; mistakes name the variable."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.config.conftest import MINIMAL
from trailarrd.config import Settings, load_outline
from trailarrd.config.diagnostic import InvalidConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads, Report
    from trailarrd.config import ConnectionSettings

NAMED = "  - {name: %s, provider: sonarr, url: 'http://nas', api_key: abc}\n"


def with_environ(loads: Loads, text: str = MINIMAL, **environ: str) -> Settings:
    return loads(text, {f"TRAILARRD_{name}": value for name, value in environ.items()})


def only(loads: Loads, **environ: str) -> ConnectionSettings:
    named = {f"CONNECTIONS__MOVIES__{name}": value for name, value in environ.items()}
    return with_environ(loads, **named).connections[0]


def test_a_setting_of_a_connection_is_named_by_the_connection(loads: Loads) -> None:
    connection = only(loads, URL="http://other:1", API_KEY="#{[&*!x", MONITOR="none", RETRY__ATTEMPTS="7")
    assert (connection.url, connection.monitor, connection.retry.attempts) == ("http://other:1", "none", 7)
    assert connection.api_key.reveal() == "#{[&*!x"


def test_a_common_setting_is_named_by_its_place(loads: Loads) -> None:
    settings = with_environ(loads, LOG__LEVEL="debug", REMOVED_GRACE="2 days", DEFAULTS__INTERVAL="5m")
    assert settings.log.level == "debug"
    assert settings.removed_grace == timedelta(days=2)
    assert settings.connections[0].interval == timedelta(minutes=5)


@pytest.mark.parametrize("name", ["my-movies", "My.Movies", "my_movies", "MY-movies"])
def test_what_no_variable_can_have_in_its_name_is_an_underscore(name: str, loads: Loads) -> None:
    settings = with_environ(loads, MINIMAL + NAMED % name, CONNECTIONS__MY_MOVIES__MONITOR="none")
    assert [connection.monitor for connection in settings.connections] == ["missing", "none"]


def test_names_with_two_underscores_and_names_that_begin_alike_are_told_apart(loads: Loads) -> None:
    text = MINIMAL + NAMED % "movies__4k" + NAMED % "movies-4k-url"
    settings = with_environ(
        loads,
        text,
        CONNECTIONS__MOVIES__4K__URL="http://a",
        CONNECTIONS__MOVIES__URL="http://b",
        CONNECTIONS__MOVIES_4K_URL__URL="http://c",
    )
    assert [connection.url for connection in settings.connections] == ["http://b", "http://a", "http://c"]


def test_a_connection_can_be_named_by_its_place(loads: Loads) -> None:
    settings = with_environ(loads, MINIMAL + NAMED % "tv", CONNECTIONS__1__MONITOR="none")
    assert settings.connections[1].monitor == "none"


def test_a_connection_can_be_renamed_and_still_goes_by_its_old_name(loads: Loads) -> None:
    connection = only(loads, NAME="films", URL="http://other")
    assert (connection.name, connection.url) == ("films", "http://other")


def test_an_item_of_another_list_is_named_by_its_place(loads: Loads) -> None:
    """The one behind the last is a new one."""
    environ = {
        "PATH_MAPPINGS__0__REMOTE": "/a",
        "PATH_MAPPINGS__0__LOCAL": "/b",
        "PATH_MAPPINGS__1": "{remote: /c, local: /d}",
    }
    found = [(mapping.remote, mapping.local) for mapping in only(loads, **environ).path_mappings]
    assert found == [("/a", "/b"), ("/c", "/d")]


def test_a_list_or_a_mapping_as_a_whole_is_yaml(loads: Loads) -> None:
    connection = only(loads, PATH_MAPPINGS="[{remote: /a, local: /b}]", TIMEOUTS="{connect: 1s}")
    assert [(mapping.remote, mapping.local) for mapping in connection.path_mappings] == [("/a", "/b")]
    assert connection.timeouts.connect == timedelta(seconds=1)


def test_connections_can_all_stand_in_the_environment(loads: Loads) -> None:
    block = "[{name: a, provider: radarr, url: 'http://nas', api_key: abc}]"
    settings = with_environ(loads, CONNECTIONS=block, CONNECTIONS__A__MONITOR="none")
    assert [(connection.name, connection.monitor) for connection in settings.connections] == [("a", "none")]


def test_what_the_environment_says_mends_what_is_wrong_in_the_file(loads: Loads) -> None:
    text = MINIMAL.replace("abc", "!env NOT_SET")
    settings = with_environ(loads, text, CONNECTIONS__MOVIES__API_KEY="abc")
    assert settings.connections[0].api_key.reveal() == "abc"


def test_a_file_named_by_a_variable_is_relative_to_the_configuration(loads: Loads, file: Path) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        only(loads, CA_FILE="ca.pem")
    assert file.parent / "ca.pem" in caught.value.sources


def test_a_variable_that_is_empty_says_nothing(loads: Loads) -> None:
    assert only(loads, MONITOR="").monitor == "missing"


def test_case_makes_no_difference(loads: Loads) -> None:
    assert loads(MINIMAL, {"trailarrd_log__level": "debug"}).log.level == "debug"


def test_the_outline_goes_by_the_environment_too(file: Path) -> None:
    file.write_text(MINIMAL)
    url = "sqlite+aiosqlite:////srv/t.db"
    environ = {"TRAILARRD_DATABASE__URL": url, "TRAILARRD_CONNECTIONS__NOPE__URL": "x"}
    assert load_outline(file, environ=environ).database.url == url


@pytest.mark.parametrize(
    "variable",
    ["TRAILARRD_CONFIG", "TRAILARRD_PORT", "TRAILARRD_SERVICE_HOST", "TRAILARRD_PORT_80_TCP", "LOG__LEVEL"],
)
def test_what_is_not_about_a_setting_is_left_alone(variable: str, loads: Loads) -> None:
    """Kubernetes sets some for a service called trailarrd."""
    assert loads(MINIMAL, {variable: "tcp://10.0.0.1"}) == loads(MINIMAL)


def test_what_the_file_itself_refers_to_is_no_misspelt_setting(loads: Loads) -> None:
    text = "database: {url: '${TRAILARRD_DATABASE_URL}'}\n" + MINIMAL
    url = "sqlite+aiosqlite:////srv/t.db"
    assert loads(text, {"TRAILARRD_DATABASE_URL": url}).database.url == url


SETTINGS = [name.upper() for name in Settings.model_fields if name != "include"]

MISTAKES = {
    "a wrong value": (
        {"TRAILARRD_CONNECTIONS__MOVIES__URL": "nas"},
        """\
$TRAILARRD_CONNECTIONS__MOVIES__URL: connections[0].url: must begin with http:// or https://
    hint: for example http://127.0.0.1:7878 or https://nas.lan/radarr""",
    ),
    "a wrong key": (
        {"TRAILARRD_CONNECTIONS__MOVIES__API_KEY": "S3C RET"},
        """\
$TRAILARRD_CONNECTIONS__MOVIES__API_KEY: connections[0].api_key: contains whitespace
    hint: copy the key alone, without line ends""",
    ),
    "a misspelt setting": (
        {"TRAILARRD_LOG__LEVLE": "debug"},
        """\
$TRAILARRD_LOG__LEVLE: names no setting
    hint: did you mean TRAILARRD_LOG__LEVEL?""",
    ),
    "a misspelt setting of a connection": (
        {"TRAILARRD_CONNECTIONS__MOVIES__ULR": "http://nas"},
        """\
$TRAILARRD_CONNECTIONS__MOVIES__ULR: names no setting
    hint: did you mean TRAILARRD_CONNECTIONS__MOVIES__URL?""",
    ),
    "a setting like no other": (
        {"TRAILARRD_LOG__XYZZY": "1"},
        """\
$TRAILARRD_LOG__XYZZY: names no setting
    hint: known below TRAILARRD_LOG__: LEVEL, FORMAT""",
    ),
    "one underscore instead of two": (
        {"TRAILARRD_LOG_LEVEL": "debug"},
        """\
$TRAILARRD_LOG_LEVEL: names no setting
    hint: two underscores lead one level down: TRAILARRD_LOG__LEVEL""",
    ),
    "one underscore instead of two, in a connection": (
        {"TRAILARRD_CONNECTIONS_MOVIES_URL": "http://nas"},
        """\
$TRAILARRD_CONNECTIONS_MOVIES_URL: names no setting
    hint: two underscores lead one level down: TRAILARRD_CONNECTIONS__NAME__URL""",
    ),
    "a connection that there is not": (
        {"TRAILARRD_CONNECTIONS__MOVEIS__URL": "http://nas"},
        """\
$TRAILARRD_CONNECTIONS__MOVEIS__URL: names no setting: there is no connection 'MOVEIS'
    hint: did you mean 'MOVIES'?""",
    ),
    "a connection like no other": (
        {"TRAILARRD_CONNECTIONS__XYZZY__URL": "http://nas"},
        """\
$TRAILARRD_CONNECTIONS__XYZZY__URL: names no setting: there is no connection 'XYZZY'
    hint: there are: MOVIES""",
    ),
    "a place that there is not": (
        {"TRAILARRD_CONNECTIONS__MOVIES__PATH_MAPPINGS__1__LOCAL": "/a"},
        """\
$TRAILARRD_CONNECTIONS__MOVIES__PATH_MAPPINGS__1__LOCAL: names no setting: path_mappings has no item 1
    hint: items are counted from 0; the next is 0""",
    ),
    "something below a single value": (
        {"TRAILARRD_REMOVED_GRACE__DAYS": "3"},
        """\
$TRAILARRD_REMOVED_GRACE__DAYS: names no setting: there is nothing below 'removed_grace'""",
    ),
    "underscores at the end": (
        {"TRAILARRD_LOG__LEVEL__": "info"},
        """\
$TRAILARRD_LOG__LEVEL__: names no setting: there is nothing below 'level'""",
    ),
    "an include, which is no setting": (
        {"TRAILARRD_INCLUDE__0": "a.yaml"},
        f"""\
$TRAILARRD_INCLUDE__0: names no setting
    hint: known below TRAILARRD_: {", ".join(SETTINGS)}""",
    ),
    "no YAML where YAML is asked for": (
        {"TRAILARRD_CONNECTIONS__MOVIES__PATH_MAPPINGS": "[{remote: /a, local: /b}"},
        """\
$TRAILARRD_CONNECTIONS__MOVIES__PATH_MAPPINGS:1:25: a ',' or a closing bracket is missing before this
    [{remote: …
               ^
    hint: put the value in quotes if it has brackets or commas in it""",
    ),
    "a mistake within YAML": (
        {"TRAILARRD_CONNECTIONS__MOVIES__TIMEOUTS": "{connect: 3}"},
        """\
$TRAILARRD_CONNECTIONS__MOVIES__TIMEOUTS:1:11: connections[0].timeouts.connect: '3' has no unit
    {connect: 3}
              ^
    hint: write it like 90s, 30m, 1h30m or 2 days""",
    ),
    "text where a mapping belongs": (
        {"TRAILARRD_LOG": "debug"},
        """\
$TRAILARRD_LOG:1:1: log: must be a mapping, not text
    debug
    ^
    hint: write it as 'key: value'; known keys: level, format""",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_the_variable_and_not_what_is_in_it(mistake: str, report: Report) -> None:
    environ, expected = MISTAKES[mistake]
    assert report(MINIMAL, environ) == expected


def test_names_that_become_the_same_are_not_guessed_at(report: Report) -> None:
    text = MINIMAL + NAMED % "my-tv" + NAMED % "my_tv"
    assert report(text, {"TRAILARRD_CONNECTIONS__MY_TV__MONITOR": "none"}) == (
        "$TRAILARRD_CONNECTIONS__MY_TV__MONITOR: could mean 'my-tv' or 'my_tv'\n"
        "    hint: give the place in the list, counted from 0, instead of the name"
    )


def test_mistakes_of_file_and_environment_are_told_at_once(report: Report) -> None:
    said = report(MINIMAL.replace("radarr", "radar"), {"TRAILARRD_LOG__LEVEL": "loud", "TRAILARRD_X__Y": "1"})
    assert [line.split(": ")[0] for line in said.split("\n") if line[:1] != " "] == [
        "trailarrd.yaml:3:15",
        "$TRAILARRD_LOG__LEVEL",
        "$TRAILARRD_X__Y",
    ]
