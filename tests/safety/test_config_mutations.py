"""Bad configuration by the thousand: whatever is wrong in whatever place is a mistake, never a crash."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.safety.mutants import ANYTHING, GONE, VALUES
from trailarrd.config import load
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


API_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PASSWORD = "pa55-w0rd-of-the-database"
GOOD: Final[dict[str, Any]] = {
    "database": {"url": f"sqlite+aiosqlite:////var/lib/trailarrd/{PASSWORD[:3]}.db"},
    "refresh": {"interval": "30m"},
    "log": {"level": "info"},
    "disk": {"timeout": "10s"},
    "removal_guard": {"max_items": 10, "max_fraction": 0.2},
    "connections": [
        {
            "name": "movies",
            "provider": "radarr",
            "url": "http://127.0.0.1:7878/radarr",
            "api_key": API_KEY,
            "monitor": "missing",
            "path_mappings": [{"remote": "/movies", "local": "/mnt/movies"}],
            "timeouts": {"connect": "5s"},
        },
        {"name": "series", "provider": "sonarr", "url": "https://nas/sonarr", "api_key": API_KEY},
    ],
}
"""A configuration in which little is left out."""

KINDS: Final = (
    "absent",
    "null",
    "true",
    "minus one",
    "2^64",
    "empty",
    "half a pair",
    "NUL",
    "list",
    "object",
    "deep",
)
"""One of `VALUES` for each way in which a setting can be wrong."""

TOKENS: Final = (
    *(
        "\t",
        "\n",
        "  ",
        ": ",
        "- ",
        "#",
        "&a ",
        "*a",
        "!env ",
        "!file ",
        "!x ",
        "|",
        ">",
        "---",
        "...",
        "%",
        "@",
        "`",
    ),
    *(
        "{",
        "}",
        "[",
        "]",
        ",",
        "'",
        '"',
        "\\",
        "\0",
        "\ufeff",
        "\x85",
        "\u2028",
        "\ud83d\ude00",
        "<<: ",
        "? ",
    ),
    *(
        "null",
        "~",
        "yes",
        "0x1F",
        "1e999",
        ".inf",
        "2001-01-01",
        "${HOME}",
        "${",
        "$",
        "x-a: ",
        "connections:",
        "api_key",
    ),
)
"""What means something to YAML, or to us."""


def loads(text: str | bytes, file: Path) -> str:
    """What a user is told: nothing if the file is fine. Anything but a `ConfigError` fails the test."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    try:
        settings_ = load(file, providers={"radarr", "sonarr"}, environ={"HOME": "/home/me"})
    except ConfigError as error:
        return f"{error!r}\n{''.join(traceback.format_exception(error))}"
    return repr(settings_)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config") / "trailarrd.yaml"


def test_the_configuration_is_valid_before_it_is_mutated(file: Path) -> None:
    assert loads(json.dumps(GOOD), file).startswith("Settings(")


def config_places(value: Any, *above: Any) -> list[tuple[Any, ...]]:
    """Every place in the configuration, lists too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(place for name, one in inner for place in config_places(one, *above, name))]


def with_value(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """The configuration with another value in that place."""
    if not place:
        return None if new is GONE else new
    inner = dict(value) if isinstance(value, dict) else list(value)
    if len(place) == 1 and new is GONE:
        del inner[place[0]]
    else:
        inner[place[0]] = with_value(inner[place[0]], place[1:], new)
    return inner


def test_a_wrong_value_in_any_place_is_a_mistake_and_never_a_crash(file: Path) -> None:
    """JSON is YAML: each kind of value in each place, one at a time."""
    for place in config_places(GOOD):
        for name in KINDS:
            told = loads(json.dumps(with_value(GOOD, place, VALUES[name])), file)
            assert API_KEY not in told, (place, name)


@settings(deadline=None)
@given(place=st.sampled_from(config_places(GOOD)), value=ANYTHING)
def test_any_value_in_any_place_is_a_mistake_and_never_a_crash(
    file: Path, place: tuple[Any, ...], value: Any
) -> None:
    assert API_KEY not in loads(json.dumps(with_value(GOOD, place, value)), file)


@st.composite
def scribbled(draw: st.DrawFn) -> str:
    """The configuration as text in which somebody has scribbled."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + draw(st.sampled_from([0, 1, 20])))))
        text = text[:start] + draw(st.sampled_from(TOKENS) | st.text(max_size=3)) + text[end:]
    return text


TEXTS: Final = (
    json.dumps(GOOD),
    json.dumps(GOOD, indent=2),
    f"""\
# our house
x-defaults: &defaults {{monitor: new, api_key: {API_KEY}}}
database: {{url: 'sqlite+aiosqlite:////tmp/t.db'}}
connections:
  - <<: *defaults
    name: movies
    provider: radarr
    url: http://127.0.0.1:7878
  - name: "series"
    provider: sonarr
    url: >-
      http://127.0.0.1:8989
    api_key: |
      {API_KEY}
    path_mappings:
      - remote: 'D:\\TV'
        local: /mnt/tv
""",
)


@given(text=scribbled())
@settings(max_examples=settings().max_examples * 2, deadline=None)
def test_scribbles_in_the_file_are_mistakes_and_never_a_crash(file: Path, text: str) -> None:
    assert API_KEY not in loads(text, file)


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_bytes_of_any_kind_are_mistakes_and_never_a_crash(file: Path, junk: bytes, at: int) -> None:
    text = TEXTS[2].encode()
    assert API_KEY not in loads(text[:at] + junk + text[at:], file)
    loads(junk, file)
