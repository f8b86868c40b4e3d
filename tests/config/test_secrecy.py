"""No report ever shows a secret, wherever it was written and whatever else is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretBytes, SecretStr

from trailarrd.config import Settings
from trailarrd.config.diagnostic import InvalidConfigError
from trailarrd.config.masking import AllowList, conceal, hide, secrets_in
from trailarrd.config.shape import fields_of, is_secret, models_in
from trailarrd.domain.secret import Secret
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.config.conftest import Loads

ARR_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

FILES = {
    "in a flow mapping": "connections: [{name: a b, api_key: S3CRET, url: x}]",
    "in quotes": "connections: [{name: a b, api_key: 'S3CRET, too', url: x}]",
    "quoted key": 'connections: [{"name": "a b", "api_key": "S3CRET", "url": "x"}]',
    "wrong by itself": "connections:\n  - api_key: S3CRET with blanks",
    "in two lines": "connections:\n  - api_key: 'S3CRET\n      S3CRET'\n    nam: a",
    "as a block": "connections:\n  - api_key: |\n      S3CRET\n      S3CRET\n    nam: a",
    "a comment as YAML sees it": "connections:\n  - api_key: #S3CRET",
    "half a comment": "connections:\n  - api_key: a b #S3CRET",
    "an anchor as YAML sees it": "connections:\n  - api_key: &S3CRET",
    "an alias as YAML sees it": "connections:\n  - api_key: *S3CRET",
    "a tag as YAML sees it": "connections:\n  - api_key: !S3CRET",
    "a tag with a handle as YAML sees it": "connections:\n  - api_key: !S3CRET!x",
    "a directive as YAML sees it": "connections:\n  - api_key: %S3CRET",
    "a reserved character": "connections:\n  - api_key: @S3CRET",
    "a header that is the key's": "connections:\n  - headers: {X-Api-Key: S3CRET}",
    "a header with a line end": 'connections:\n  - headers:\n      X-Gate: "S3CRET\\nS3CRET"',
    "a header whose name is none": "connections:\n  - headers: {X Gate: S3CRET}",
    "headers as a list": "connections:\n  - headers: [S3CRET]",
    "headers as a text": "connections:\n  - headers: S3CRET",
    "a login as a text": "connections:\n  - basic: me:S3CRET",
    "a login with a user too many": "connections:\n  - basic: {user: 'a:S3CRET', password: S3CRET}",
    "a login without a user": "defaults:\n  basic: {password: S3CRET}",
    "in a list": "connections:\n  - api_key: [S3CRET, S3CRET]",
    "in a list below": "connections:\n  - api_key:\n    - S3CRET\n    - S3CRET: x: y",
    "in a mapping": "connections:\n  - api_key: {value: S3CRET}",
    "given twice": "connections:\n  - api_key: S3CRET\n    api_key: S3CRET",
    "in a block given twice": "log: {}\nlog: {api_key: S3CRET}",
    "behind a misspelt key": "connections:\n  - api_kye: S3CRET",
    "behind a key of another kind": "connections:\n  - password: S3CRET",
    "with an equals sign": "connections:\n  - api_key=S3CRET",
    "without a colon": "connections:\n  - name: a\n    api_key S3CRET\n    url: x",
    "beside a tab": "connections:\n  - name: a\n    api_key:\tS3CRET",
    "beside a missing bracket": "connections: [{name: a, api_key: S3CRET]",
    "a colon within": "connections:\n  - api_key: a: S3CRET",
    "a line below, with a colon": "connections:\n  - api_key:\n\n      a: S3CRET: b",
    "a line below, not indented": "connections:\n  - name: a\n    api_key:\n    S3CRET\n    url: x",
    "a login with a blank at its end": "connections:\n  - url: 'http://me:S3CRET @nas', x",
    "a login behind a misspelt key": "connections:\n  - url:: http://me:a S3CRET@nas",
    "no blank after the colon": "connections: [{name: a, api_key:S3CRET}]",
    "no colon in a flow mapping": "connections: [{name: a, api_key S3CRET}]",
    "in a comment": "connections: [{nam: a}] # {name: a, api_key: S3CRET}",
    "a key with an unset variable": "connections:\n  - api_key: S3CRET${NOPE}",
    "behind an anchor": "x-a: &a {api_key: S3CRET, monitor: no}\nconnections: [*a]",
    "a login": "connections:\n  - url: http://me:S3CRET@nas",
    "a login with odd characters": "connections:\n  - url: http://me:S3@CRET/S3CRET@nas",
    "a login with a blank": "connections:\n  - url: http://me:a S3CRET@nas",
    "a login without http": "connections: [{url: me:S3CRET@nas}]",
    "a login in two lines": "connections:\n  - url: 'http://me:a\n      S3CRET@nas'",
    "a login beside a tab": "connections:\n  - url:\thttp://me:a S3CRET@nas",
    "a login of a database": "database: {url: 'sqlite://me:S3CRET@nas'}",
    "an address to be notified at": "notify:\n  urls:\n    - discord://1/S3CRET with blank",
    "such an address beside a mistake": "notify: {urls: [discord://1/S3CRET, 'x://S3CRET'], gathr: 5m}",
    "such an address where a list belongs": "notify: {urls: discord://1/S3CRET}",
    "such an address with a colon": "notify:\n  urls:\n  - discord://1/S3CRET: x: y",
    "a key in a query": "connections:\n  - url: http://nas/?apikey=S3CRET",
    "an Arr server's key anywhere": f"connections:\n  - name: {ARR_KEY}:\n  - {ARR_KEY}",
    "an Arr server's key as provider": f"connections:\n  - provider: {ARR_KEY}",
    "from the environment": "connections:\n  - provider: !env KEY\n    name: x ${KEY}",
    "from the environment elsewhere": "log: {level: !env KEY}\nrefresh: {interval: '${KEY}'}",
    "from a variable's variable": "connections:\n  - provider: !file ${KEY}",
    "a variable's own name": f"connections:\n  - api_key: !env {ARR_KEY.replace('0', 'a')}",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_secret_is_not_shown(text: str, loads: Loads) -> None:
    """Every file here is wrong in the line of the secret."""
    with pytest.raises(InvalidConfigError) as caught:
        loads(text, {"HOME": "/h", "KEY": "S3CRET"})
    report = f"{caught.value} {caught.value!r} {caught.value.diagnostics!r}"
    assert "S3CRET" not in report
    assert "CRET" not in report
    assert ARR_KEY not in report
    assert ARR_KEY.replace("0", "a") not in report


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_secret_is_not_shown_in_a_file_that_is_no_yaml(text: str, loads: Loads) -> None:
    """In each line of the file in turn, whatever was already understood."""
    lines = text.split("\n")
    for number in range(len(lines)):
        broken = [*lines[:number], lines[number] + " '\x07", *lines[number + 1 :]]
        with pytest.raises(ConfigError) as caught:
            loads("\n".join(broken), {"HOME": "/h", "KEY": "S3CRET"})
        assert "CRET" not in str(caught.value)


def test_bytes_that_are_not_utf_8_do_not_uncover_a_secret(loads: Loads) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        loads(b"connections: [{api_key: S3CRET, name: \xff}]")
    assert "S3CRET" not in str(caught.value)


def test_where_the_file_only_says_where_the_secret_is_that_is_shown(loads: Loads) -> None:
    """Or nobody could tell which variable is meant."""
    with pytest.raises(InvalidConfigError, match=r"api_key: !env NOPE\n"):
        loads("connections:\n  - api_key: !env NOPE")
    with pytest.raises(InvalidConfigError, match=r"api_key: \$\{NOPE\}\n"):
        loads("connections:\n  - api_key: ${NOPE}")


def test_settings_do_not_print_their_secrets(loads: Loads) -> None:
    settings = loads(
        "database: {url: 'sqlite+aiosqlite:////srv/t.db'}\n"
        "connections: [{name: a, provider: radarr, url: 'http://nas', api_key: S3CRET}]\n"
    )
    assert settings.connections[0].api_key.reveal() == "S3CRET"
    assert "S3CRET" not in f"{settings!r} {settings} {settings.connections[0].arr_server()!r}"


def test_the_caret_keeps_its_place_before_within_and_after_a_mask() -> None:
    spans = [(4, 6)]
    assert hide("k: 'ab' x", 0, spans) == ("k: '…' x", 0)
    assert hide("k: 'ab' x", 5, spans) == ("k: '…' x", 4)
    assert hide("k: 'ab' x", 8, spans) == ("k: '…' x", 7)


def test_masks_that_touch_hide_all_of_it() -> None:
    assert "b" not in hide("abbbba", 0, [(1, 4), (3, 5), (2, 3)])[0]


@given(st.text())
def test_text_without_a_secret_is_left_alone(text: str) -> None:
    harmless = text.replace("@", "").replace("=", "").replace("0", "")[:31]
    assert conceal(harmless) == harmless


SHOWN = AllowList((), lambda: Settings)


@given(st.text(alphabet=" -:{}[]'\"\tabkeypi_url@#|>"))
def test_of_a_line_that_does_not_parse_the_beginning_is_shown(line: str) -> None:
    for start, end in SHOWN.hidden([line], 0, None, None):
        assert 0 <= start <= end == len(line)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  level: info: debug", "  level: …"),
        ("- {name: a, url: x", "- {name: …"),
        ("connections: [", "connections: ["),
        ("---", "---"),
        ("  level = debug", "  level …"),
        ("    S3CRET: x", "    …"),
        ("  api_key_S3CRET: x", "  …"),
        ("# a comment", "…"),
    ],
)
def test_these_are_the_keys_that_are_known(line: str, shown: str) -> None:
    """Whatever else stands there may be a secret, or the rest of one."""
    assert hide(line, 0, SHOWN.hidden([line], 0, None, None))[0] == shown


def secret_keys(model: type[BaseModel]) -> Iterator[str]:
    """What the secrets of the model are called, at any depth."""
    for key, field in fields_of(model).items():
        if is_secret(field):
            yield key
        for inner in models_in(field.annotation):
            yield from secret_keys(inner)


def test_no_secret_setting_is_among_those_that_are_shown() -> None:
    keys = set(secret_keys(Settings))
    assert {"api_key", "urls"} <= keys
    assert keys & SHOWN.settings.values == set()
    for key in keys:
        line = f"  {key}: S3CRET: x"
        assert hide(line, 0, SHOWN.hidden([line], 0, None, None))[0] == f"  {key}: …"


@pytest.mark.parametrize(
    "value", ["discord://S3CRET, x://S3CRET é", "[discord://S3CRET, ", "[x://S3CRET é]", "{a: S3CRET}"]
)
def test_a_secret_setting_in_the_environment_is_not_shown(value: str, loads: Loads) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        loads("connections: []", {"TRAILARRD_NOTIFY__URLS": value})
    assert "S3CRET" not in f"{caught.value} {caught.value.diagnostics!r}"


def test_settings_know_all_their_secrets(loads: Loads) -> None:
    """Whoever logs takes them out of every line."""
    settings = loads("connections: [{name: a, provider: radarr, url: 'http://nas', api_key: S3CRET}]\n")
    assert settings.secrets == {Secret("S3CRET")}


def test_a_secret_of_any_type_is_found_at_any_depth() -> None:
    class Inner(BaseModel):
        pin: SecretStr
        code: SecretBytes

    class Outer(BaseModel):
        inner: tuple[Inner, ...]
        named: dict[str, SecretStr]

    inner = Inner(pin=SecretStr("1"), code=SecretBytes(b"2"))
    outer = Outer(inner=(inner,), named={"a": SecretStr("3")})
    assert set(secrets_in([outer, "no secret"])) == {Secret("1"), Secret("2"), Secret("3")}
