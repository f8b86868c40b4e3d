"""The bytes are those of Python's own `json`, whatever the value is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trailarrd.testing.encoding import COMPACT, INDENTED, INDENTED_CRLF

if TYPE_CHECKING:
    from trailarrd.testing.encoding import Layout

TEXT = st.text(st.characters())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


@pytest.mark.parametrize("layout", [COMPACT, INDENTED, INDENTED_CRLF], ids=["compact", "linux", "windows"])
@given(value=JSON)
@example(value={"lone": "\ud800", "huge": 10**400, "far": 1e300, "empty": [{}, [], ""]})
@example(value=[float("nan"), "\n\r\x00\x7f\u2028"])
def test_it_writes_what_json_does(layout: Layout, value: object) -> None:
    separators = (",", ": ") if layout.indent else (",", ":")
    text = json.dumps(value, indent=layout.indent, separators=separators, ensure_ascii=False)
    document = text.replace("\n", layout.newline)
    element = text.replace("\n", layout.newline + " " * (layout.indent or 0))
    assert layout.document(value) == document.encode("utf-8", "backslashreplace")
    assert layout.element(value).lstrip(b" ") == element.encode("utf-8", "backslashreplace")
