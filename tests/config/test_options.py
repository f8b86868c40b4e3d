"""A plugin's own settings of a connection, which its pydantic model describes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import pytest
from pydantic import BaseModel, ByteSize, Field, SecretStr, field_validator

from tests.config.conftest import MINIMAL
from trailarrd.domain.secret import Secret

if TYPE_CHECKING:
    from tests.config.conftest import Loads, Report, Writes


class Login(BaseModel):
    user: str
    pin: SecretStr


class VaultOptions(BaseModel):
    """As a stranger would write it: nothing in it knows of trailarrd."""

    quality: Literal["hd", "uhd"] = "hd"
    tags: list[str] = []
    pages: int = Field(default=3, gt=0, description="how many pages to ask for")
    patience: timedelta = timedelta(seconds=5)
    largest: ByteSize = ByteSize(0)
    deep: bool = False
    login: Login | None = None
    token: SecretStr | None = None

    @field_validator("tags")
    @classmethod
    def _no_blanks(cls, tags: list[str]) -> list[str]:
        if any(" " in tag for tag in tags):
            raise ValueError("a tag has no blanks")
        return tags


class NeedyOptions(BaseModel):
    token: SecretStr = Field(examples=["!file vault.token"])

    @field_validator("token")
    @classmethod
    def _talk(cls, token: SecretStr) -> SecretStr:
        value = token.get_secret_value()
        if value == "crash":
            raise RuntimeError(value)
        if len(value) < 8:
            raise ValueError(f"{value!r} is too short")
        return token


@dataclass(frozen=True)
class Stranger:
    options: type[BaseModel] | None


PROVIDERS = {"radarr": Stranger(None), "vault": Stranger(VaultOptions), "needy": Stranger(NeedyOptions)}
VAULT = MINIMAL.replace("radarr", "vault") + "    options:\n"
NEEDY = MINIMAL.replace("radarr", "needy")


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
    text = VAULT + "      {token: t0ken, login: {user: me, pin: 1234}}\n"
    settings = loads(text, None, PROVIDERS)
    assert settings.secrets == {Secret("abc"), Secret("t0ken"), Secret("1234")}
    assert "1234" not in repr(settings) + repr(settings.connections[0].arr_server())


MISTAKES = {
    "a misspelt key": (
        VAULT + "      qualty: hd\n",
        """\
trailarrd.yaml:7:7: connections[0].options: unknown key 'qualty'
          qualty: ********
          ^
    hint: did you mean 'quality'?""",
    ),
    "a key like no other": (
        VAULT + "      xyzzy: hd\n",
        """\
trailarrd.yaml:7:7: connections[0].options: unknown key 'xyzzy'
          xyzzy: ********
          ^
    hint: known keys: quality, tags, pages, patience, largest, deep, login, token""",
    ),
    "a duplicate key": (
        VAULT + "      pages: 1\n      pages: 2\n",
        """\
trailarrd.yaml:8:7: connections[0].options: duplicate key 'pages'
          pages: 2
          ^
    hint: first given in line 7""",
    ),
    "one of a few words": (
        VAULT + "      quality: sd\n",
        """\
trailarrd.yaml:7:16: connections[0].options.quality: must be 'hd' or 'uhd'
          quality: sd
                   ^""",
    ),
    "no number": (
        VAULT + "      pages: many\n",
        """\
trailarrd.yaml:7:14: connections[0].options.pages: must be a whole number, not 'many'
          pages: many
                 ^""",
    ),
    "a number out of bounds": (
        VAULT + "      pages: 0\n",
        """\
trailarrd.yaml:7:14: connections[0].options.pages: must be greater than 0
          pages: 0
                 ^""",
    ),
    "no truth": (
        VAULT + "      deep: maybe\n",
        """\
trailarrd.yaml:7:13: connections[0].options.deep: must be true or false, not 'maybe'
          deep: maybe
                ^""",
    ),
    "text for a list": (
        VAULT + "      tags: a\n",
        """\
trailarrd.yaml:7:13: connections[0].options.tags: must be a list, not text
          tags: a
                ^
    hint: begin each item with '- '""",
    ),
    "the plugin's own words": (
        VAULT + "      tags: [a b]\n",
        """\
trailarrd.yaml:7:13: connections[0].options.tags: a tag has no blanks
          tags: [a b]
                ^""",
    ),
    "nothing": (
        VAULT + "      pages:\n",
        """\
trailarrd.yaml:7:13: connections[0].options.pages: has no value
          pages:
                ^
    hint: give it one, or delete the line""",
    ),
    "no duration": (
        VAULT + "      patience: 12\n",
        """\
trailarrd.yaml:7:17: connections[0].options.patience: '12' has no unit
          patience: 12
                    ^
    hint: write it like 90s, 30m, 1h30m or 2 days""",
    ),
    "no size": (
        VAULT + "      largest: 3 apples\n",
        """\
trailarrd.yaml:7:16: connections[0].options.largest: '3 apples' has a unit that is not known
          largest: 3 apples
                   ^
    hint: write it like 500 MB or 2 GiB""",
    ),
    "a mapping within, of which something is missing": (
        VAULT + "      login: {user: me}\n",
        """\
trailarrd.yaml:7:14: connections[0].options.login: missing key 'pin'
          login: {user: me}
                 ^""",
    ),
    "an unset variable": (
        VAULT + "      token: !env NOPE\n",
        """\
trailarrd.yaml:7:14: connections[0].options.token: environment variable 'NOPE' is not set
          token: !env NOPE
                 ^
    hint: set it where trailarrd is started""",
    ),
    "text for all options": (
        MINIMAL.replace("radarr", "vault") + "    options: hd\n",
        """\
trailarrd.yaml:6:14: connections[0].options: must be a mapping, not text
        options: ********
                 ^
    hint: write it as 'key: value'""",
    ),
    "no options where some are needed": (
        NEEDY,
        """\
trailarrd.yaml:2:5: connections[0].options: missing key 'token'
      - name: movies
        ^
    hint: for example token: !file vault.token""",
    ),
    "a secret that the plugin's words repeat": (
        NEEDY + "    options: {token: s3cret}\n",
        """\
trailarrd.yaml:6:22: connections[0].options.token: '***' is too short
        options: {token: ********}
                         ^""",
    ),
    "a list for a secret": (
        NEEDY + "    options: {token: [s3cret]}\n",
        """\
trailarrd.yaml:6:22: connections[0].options.token: must be text, not a list
        options: {token: ********}
                         ^""",
    ),
    "a mistake of the plugin": (
        NEEDY + "    options: {token: crash}\n",
        """\
trailarrd.yaml:6:14: connections[0].options: provider 'needy' failed to read them: RuntimeError
        options: {token: ********}
                 ^
    hint: this is a mistake in the plugin: tell its author""",
    ),
    "options for a provider that takes none": (
        MINIMAL + "    options: {pages: 1}\n",
        """\
trailarrd.yaml:6:5: connections[0]: provider 'radarr' takes no options
        options: {pages: 1}
        ^
    hint: delete this key and what is below it""",
    ),
    "options for all connections": (
        "defaults: {options: {pages: 1}}\n" + MINIMAL,
        """\
trailarrd.yaml:1:12: defaults: unknown key 'options'
    defaults: {options: {pages: 1}}
               ^
    hint: known keys: monitor, path_mappings, interval, timeouts, retry, verify_tls, ca_file""",
    ),
}


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
def test_what_a_plugin_calls_secret_is_not_shown(place: str, providers: object, report: Report) -> None:
    """Whatever its name, and even if the plugin cannot be asked."""
    said = report(VAULT + HIDDEN[place], None, providers)  # type: ignore[arg-type]
    assert SECRET not in said


@pytest.mark.parametrize(
    "value", [f"{{login: {{pin: {SECRET}}}, x: 1}}", f"{{pin: {SECRET}: }}", f"[{SECRET}"]
)
def test_nor_is_it_in_the_environment(value: str, report: Report) -> None:
    environ = {"TRAILARRD_CONNECTIONS__MOVIES__OPTIONS": value}
    assert SECRET not in report(VAULT + "      deep: true\n", environ, PROVIDERS)
