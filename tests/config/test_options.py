"""A plugin's own settings of a connection, which its pydantic model describes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from tests.config.conftest import MINIMAL
from tests.config.mistakes_of_options import MISTAKES
from tests.config.vault import PROVIDERS, VAULT, Login, Node, Stranger, VaultOptions
from trailarrd.domain.secret import Secret

if TYPE_CHECKING:
    from tests.config.conftest import Loads, Report, Writes


def options(loads: Loads, *lines: str, **environ: str) -> VaultOptions:
    text = VAULT + "".join(f"      {line}\n" for line in lines)
    named = {f"TRAILARRD_CONNECTIONS__MOVIES__OPTIONS{name}": value for name, value in environ.items()}
    [connection] = loads(text, named, PROVIDERS).connections
    return connection.arr_server().options_as(VaultOptions)


def test_options_are_read_by_the_plugins_model(loads: Loads) -> None:
    given = options(loads, "quality: uhd", "tags: [a, no]", "pages: 5", "deep: true", "token: t0ken")
    assert given.model_dump(exclude={"token"}) == {
        **VaultOptions().model_dump(exclude={"token"}),
        "quality": "uhd",
        "tags": ["a", "no"],
        "pages": 5,
        "deep": True,
    }
    assert given.token == SecretStr("t0ken")


def test_options_that_are_not_given_have_their_defaults(loads: Loads) -> None:
    [connection] = loads(MINIMAL.replace("radarr", "vault"), None, PROVIDERS).connections
    assert connection.options == VaultOptions()


def test_a_provider_without_options_gets_none(loads: Loads) -> None:
    [connection] = loads(MINIMAL, None, PROVIDERS).connections
    assert connection.arr_server().options is None


def test_options_of_another_kind_are_not_taken_for_the_plugins_own(loads: Loads) -> None:
    [connection] = loads(MINIMAL, None, PROVIDERS).connections
    with pytest.raises(TypeError, match="the options are NoneType, not VaultOptions"):
        connection.arr_server().options_as(VaultOptions)


def test_times_and_sizes_are_written_as_everywhere(loads: Loads) -> None:
    given = options(loads, "patience: 1h30m", "largest: 500 MB")
    assert (given.patience, given.largest) == (timedelta(minutes=90), 500_000_000)


def test_options_may_stand_elsewhere_as_every_value(loads: Loads, write: Writes) -> None:
    write("vault.pin", "1234\n")
    given = options(loads, "login: {user: '${WHO:-me}', pin: !file vault.pin}")
    assert given.login == Login(user="me", pin=SecretStr("1234"))


def test_options_can_be_said_by_the_environment(loads: Loads) -> None:
    given = options(loads, "pages: 1", __PAGES="9", __TAGS="a, b", __LOGIN__PIN="1", __LOGIN__USER="me")
    assert (given.pages, given.tags) == (9, ["a", "b"])
    assert given.login == Login(user="me", pin=SecretStr("1"))
    assert options(loads, "pages: 1", **{"": "{pages: 8}"}).pages == 8


def test_options_may_hang_on_an_anchor(loads: Loads) -> None:
    text = "x-usual: &usual {pages: 7}\n" + MINIMAL.replace("radarr", "vault")
    [connection] = loads(text + "    options: {<<: *usual, deep: true}\n", None, PROVIDERS).connections
    assert connection.options == VaultOptions(pages=7, deep=True)


def test_secrets_among_the_options_are_known_as_such(loads: Loads) -> None:
    """Whether the type is pydantic's or ours."""
    text = VAULT + "      {token: t0ken, login: {user: me, pin: 1234}, code: 5678}\n"
    settings = loads(text, None, PROVIDERS)
    assert settings.secrets == {Secret(secret) for secret in ("abc", "t0ken", "1234", "5678")}
    assert settings.connections[0].arr_server().options_as(VaultOptions).code == Secret("5678")
    assert "5678" not in settings.connections[0].arr_server().options_as(VaultOptions).model_dump_json()
    assert "1234" not in repr(settings) + repr(settings.connections[0].arr_server())


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_options_is_reported_like_any_other(mistake: str, report: Report) -> None:
    text, expected = MISTAKES[mistake]
    assert report(text, None, PROVIDERS) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PAGES", "$TRAILARRD_CONNECTIONS__MOVIES__OPTIONS__PAGES: connections[0].options.pages: must be"),
        ("PAEGS", "$TRAILARRD_CONNECTIONS__MOVIES__OPTIONS__PAEGS: names no setting\n    hint: did you mean"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(name: str, expected: str, report: Report) -> None:
    environ = {f"TRAILARRD_CONNECTIONS__MOVIES__OPTIONS__{name}": "many"}
    assert report(VAULT + "      deep: true\n", environ, PROVIDERS).startswith(expected)


def test_a_model_may_hold_its_like(report: Report) -> None:
    """A misspelt key in it ends with a report, too."""
    providers = {"tree": Stranger(Node)}
    said = report(MINIMAL.replace("radarr", "tree") + "    options: {nodes: [{nam: a}]}\n", None, providers)
    assert "connections[0].options.nodes[0]: unknown key 'nam'" in said


SECRET = "S3CRET"
HIDDEN = {
    "beside a mistake": f"      {{pages: many, login: {{pin: {SECRET}}}}}\n",
    "below a misspelt key": f"      login: {{pni: {SECRET}}}\n",
    "in a file that is no YAML": f"      pin: {SECRET}: x\n",
    "in a file that is no YAML, on one line": f"      {{login: {{pin: {SECRET}]\n",
    "given twice": f"      login: {{pin: {SECRET}, pin: {SECRET}}}\n",
    "for another kind": f"      login: {{pin: {{user: {SECRET}}}}}\n",
    "in a list": f"      login: [{SECRET}]\n      pages: many\n",
}


@pytest.mark.parametrize("place", HIDDEN)
@pytest.mark.parametrize("providers", [PROVIDERS, {"vault"}, ()], ids=["known", "no model", "no plugin"])
def test_what_a_plugin_calls_secret_is_not_shown(place: str, providers: Any, report: Report) -> None:
    """Whatever its name, and even if the plugin cannot be asked."""
    said = report(VAULT + HIDDEN[place], None, providers)
    assert SECRET not in said


@pytest.mark.parametrize(
    "value", [f"{{login: {{pin: {SECRET}}}, x: 1}}", f"{{pin: {SECRET}: }}", f"[{SECRET}"]
)
def test_nor_is_it_in_the_environment(value: str, report: Report) -> None:
    environ = {"TRAILARRD_CONNECTIONS__MOVIES__OPTIONS": value}
    assert SECRET not in report(VAULT + "      deep: true\n", environ, PROVIDERS)
