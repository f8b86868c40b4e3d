"""A secret tells itself to nobody but the one who asks by name."""

from __future__ import annotations

import base64
import html
import json
import logging
import pickle
import reprlib
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailarrd.domain.connection import ArrServer
from trailarrd.domain.secret import Redactor, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "0123456789abcdef0123456789abcdef"


@dataclass
class Holder:
    key: Secret


def test_reveal_gives_the_value() -> None:
    assert Secret(KEY).reveal() == KEY


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(str(Secret(KEY)), id="str"),
        pytest.param(repr(Secret(KEY)), id="repr"),
        pytest.param(f"{Secret(KEY)}", id="f-string"),
        pytest.param(f"{Secret(KEY)!r}", id="f-string repr"),
        pytest.param(f"{Secret(KEY)!a}", id="f-string ascii"),
        pytest.param("{}".format(Secret(KEY)), id="format"),
        pytest.param("%s" % Secret(KEY), id="percent s"),
        pytest.param("%r" % Secret(KEY), id="percent r"),
        pytest.param(str([Secret(KEY)]), id="in a list"),
        pytest.param(str({"key": Secret(KEY)}), id="in a dict"),
        pytest.param(str(ValueError(Secret(KEY))), id="in an exception"),
        pytest.param(repr(Holder(Secret(KEY))), id="in a dataclass"),
        pytest.param(repr(ArrServer(url="http://a", api_key=Secret(KEY))), id="in an ArrServer"),
    ],
)
def test_every_way_to_show_it_shows_asterisks(shown: str) -> None:
    assert KEY not in shown
    assert "**" in shown


@given(st.text("0123456789", min_size=1))
def test_not_even_the_length_is_told(value: str) -> None:
    assert str(Secret(value)) == str(Secret(KEY))
    assert repr(Secret(value)) == repr(Secret(KEY))


def test_a_log_line_does_not_tell_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("key %s, again %r", Secret(KEY), Secret(KEY))
    assert "**" in caplog.text
    assert KEY not in caplog.text


def test_a_traceback_with_locals_does_not_tell_it() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(secret)

    with pytest.raises(ValueError, match=r"\*\*") as caught:
        fail(Secret(KEY))
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # The locals of this function are in it as well, and none of them is the bare value.
    assert "**" in "".join(told.format())
    assert KEY not in "".join(told.format())


def test_it_has_no_dict_to_look_into() -> None:
    assert not hasattr(Secret(KEY), "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_never_pickled(protocol: int) -> None:
    with pytest.raises((TypeError, pickle.PicklingError)) as caught:
        pickle.dumps(Secret(KEY), protocol)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(("value", "truth"), [("", False), ("x", True), ("0", True), (" ", True)])
def test_only_an_empty_secret_is_false(value: str, truth: bool) -> None:
    assert bool(Secret(value)) is truth


@given(st.text(), st.text())
def test_secrets_compare_by_value(one: str, two: str) -> None:
    assert (Secret(one) == Secret(two)) is (one == two)
    if one == two:
        assert hash(Secret(one)) == hash(Secret(two))


def test_a_secret_is_not_its_value() -> None:
    assert Secret(KEY) != KEY
    assert {Secret(KEY), Secret(KEY)} == {Secret(KEY)}


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("nothing to hide", "nothing to hide"),
        ("", ""),
        (f"key {KEY}.", "key ***."),
        (f"{KEY}{KEY}", "******"),
        (f"http://host/api?apikey={KEY}&x=1", "http://host/api?apikey=***&x=1"),
        ("http://u:p%40ss%2Fw%20rd@host", "http://u:***@host"),
        ("?password=p%40ss%2Fw+rd", "?password=***"),
        ("p@ss/w rd", "***"),
        ("p@ss", "p@ss"),
    ],
)
def test_a_known_secret_is_taken_out_of_any_text(text: str, cleaned: str) -> None:
    """Plain and as a URL quotes it; an empty secret hides nothing."""
    redactor = Redactor([Secret(KEY), Secret("p@ss/w rd"), Secret("")])
    assert redactor.clean(text) == cleaned


def test_of_two_secrets_the_longer_is_taken_out_whole() -> None:
    for secrets in ([Secret("abc"), Secret("abcdef")], [Secret("abcdef"), Secret("abc")]):
        assert Redactor(secrets).clean("abcdef abc") == "*** ***"


def test_without_secrets_a_text_stays_as_it_is() -> None:
    assert Redactor().clean(KEY) == KEY


ODD = """S3"c\\r'e<t>&~"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(repr(ODD)[1:-1], id="repr"),
        pytest.param(repr([{ODD: repr(ODD)}]).replace(repr(ODD), "x"), id="repr of a repr"),
        pytest.param(json.dumps(ODD)[1:-1], id="JSON"),
        pytest.param(json.dumps(json.dumps(repr(ODD))), id="JSON of JSON of a repr"),
        pytest.param("S3\\u0022c\\\\r\\u0027e\\u003Ct\\u003e\\u0026~", id="JSON as .NET writes it"),
        pytest.param(html.escape(ODD), id="HTML"),
        pytest.param("S3&#34;c\\r&#39;e&#x3c;t&#X3E;&amp;~", id="HTML by numbers"),
        pytest.param(quote(ODD), id="URL"),
        pytest.param(quote(quote(ODD)), id="URL in a URL"),
        pytest.param("S3%22c%5cr'e%3ct>&~", id="URL in parts, lower case"),
        pytest.param(ODD.lower(), id="as a host name"),
        pytest.param(ODD.upper(), id="upper case"),
    ],
)
def test_no_way_to_escape_it_keeps_it(text: str) -> None:
    cleaned = Redactor([Secret(ODD)]).clean(f"before {text} after")
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    assert "***" in cleaned
    assert "s3" not in cleaned.lower()


@pytest.mark.parametrize("before", ["", "u", "us", "usr", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_no_hiding_place(before: str, encode: Callable[[bytes], bytes]) -> None:
    """Wherever in the encoded text it begins; the characters that it shares with others may stay."""
    key = "0?>~fghijklmnop"
    cleaned = Redactor([Secret(key)]).clean(encode(f"{before}{key}:after".encode()).decode())
    left = "".join(cleaned.split("***"))
    assert "***" in cleaned
    assert len(left) <= len(encode(f"{before}:after".encode())) + 4


def test_a_line_of_json_is_still_json_when_it_is_cleaned() -> None:
    for key in (ODD, "\\\\\\x", "a\\\\b", "'\"'x"):
        line = json.dumps({"event": key, "exception": repr({key: json.dumps(key)})})
        cleaned = Redactor([Secret(key)]).clean(line)
        assert json.loads(cleaned)["event"] == "***"


def test_what_python_leaves_of_a_long_text_is_taken_out_too() -> None:
    """Its beginning and its end, as in a message of asyncio."""
    assert reprlib.repr(KEY) == "'0123456789ab...3456789abcdef'"
    assert Redactor([Secret(KEY)]).clean(reprlib.repr(KEY)) == "'***...***'"


def test_a_short_secret_hides_no_words_of_others() -> None:
    assert Redactor([Secret("trailarr-my-key")]).clean("trailarrd: trailarr-my") == "trailarrd: trailarr-my"


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40), st.integers(0, 3)
)
def test_however_often_it_is_escaped_it_is_not_told(key: str, times: int) -> None:
    text = key
    for _ in range(times):
        text = json.dumps(text)[1:-1]
    cleaned = Redactor([Secret(key)]).clean(f"\n{text}\n")
    assert cleaned.replace("***", "") == "\n\n"


@settings(deadline=None)
@given(st.text(), st.text(st.characters(exclude_characters="*"), min_size=1, max_size=60))
def test_no_secret_is_too_odd_to_be_taken_out(text: str, key: str) -> None:
    assert key not in Redactor([Secret(key)]).clean(text + key + text)
