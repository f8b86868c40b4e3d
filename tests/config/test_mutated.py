"""Whatever becomes of a configuration file: it is read, or reported with a place and without a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.vault import PROVIDERS
from trailarrd.config import load, load_outline
from trailarrd.config.diagnostic import InvalidConfigError
from trailarrd.config.effective import as_yaml, effective

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY, PIN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "ffeeddccbbaa99887766554433221100"
MAIN = f"""\
# everything that can go wrong
include: [more.yaml, conf.d/*.yaml]
x-usual: &usual {{monitor: new, interval: 1h30m}}
log: {{level: debug, format: json}}
removal_guard:
  max_items: 10
  max_fraction: 0.2
defaults: {{timeouts: {{connect: 2s}}}}
connections:
  - <<: *usual
    name: movies
    provider: vault
    url: http://nas.lan:7878/radarr
    api_key: "{KEY}"
    options:
      pages: 5
      login: {{user: me, pin: {PIN}}}
    path_mappings:
      - {{remote: 'D:\\Movies', local: /mnt/movies}}
  - name: series
    provider: radarr
    url: ${{URL:-https://nas}}
    api_key: !env KEY
    verify_tls: true
"""
MORE = f"""\
refresh: {{interval: 15m}}
connections:
  - {{name: more, provider: radarr, url: 'http://[::1]:1', api_key: {KEY}}}
"""
ENVIRON = {"HOME": "/home/me", "KEY": KEY}
PIECES = [
    *("\t", " ", "  ", "\n", ":", ": ", "- ", "#", "'", '"', "{", "}", "[", "]", ",", "&a ", "*a", "*usual"),
    *(
        "!env ",
        "!file ",
        "!x ",
        "${",
        "${A:-",
        "}",
        "|",
        ">",
        "%",
        "@",
        "`",
        "?",
        "? ",
        "<<: ",
        "---\n",
        "...",
    ),
    *(
        "\ufeff",
        "\u00a0",
        "\u2028",
        "\x07",
        "\x00",
        "\ud7ff",
        "\U0001f600",
        "é",
        "\r",
        "\r\n",
        "~",
        "null",
        "no",
    ),
    *(
        "0",
        "1e999",
        "9" * 40,
        "12:30",
        "2026-01-01",
        "include: ",
        "options: ",
        "../",
        "*",
        "/dev/null",
        "=",
        "-1",
    ),
]


def edits(text: str) -> st.SearchStrategy[list[tuple[int, int, str]]]:
    """What to cut out where, and what to put there instead."""
    place = st.integers(0, len(text))
    return st.lists(
        st.tuples(place, st.integers(0, 12), st.sampled_from(PIECES) | st.just("")), min_size=1, max_size=4
    )


def edited(text: str, changes: list[tuple[int, int, str]]) -> str:
    """The text with the changes, which leave its secrets whole."""
    for place, length, piece in sorted(changes, reverse=True):
        if not any(start < place + length and place < start + 32 for start in _secrets(text)):
            text = text[:place] + piece + text[place + length :]
    return text


def _secrets(text: str) -> list[int]:
    return [place for secret in (KEY, PIN) for place in range(len(text)) if text.startswith(secret, place)]


def mistakes(read: Callable[[], object]) -> InvalidConfigError | None:
    """What is wrong; nothing else may be raised."""
    try:
        read()
    except InvalidConfigError as error:
        return error
    return None


def judge(folder: Path, error: InvalidConfigError | None) -> None:
    """If anything is wrong, one finds the place and no secret."""
    if error is None:
        return
    assert error.diagnostics
    for problem in error.diagnostics:
        assert problem.message
        assert problem.line is not None
        lines = (folder / problem.file).read_bytes().decode(errors="replace").splitlines()
        assert 1 <= problem.line <= len(lines) + 2
        assert 1 <= problem.caret <= len(problem.source) + 1
        assert problem.source.isprintable()
    for shown in (str(error), repr(error), repr(error.diagnostics)):
        assert KEY not in shown
        assert PIN not in shown


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mutated")
    (folder / "conf.d").mkdir()
    return folder


def read_all(folder: Path) -> None:
    settings_ = load(folder / "trailarrd.yaml", providers=PROVIDERS, environ=ENVIRON)
    shown = "\n".join(as_yaml(effective(settings_)))
    assert KEY not in shown
    assert PIN not in shown


def test_the_files_that_are_mutated_are_valid(folder: Path) -> None:
    (folder / "trailarrd.yaml").write_text(MAIN)
    (folder / "more.yaml").write_text(MORE)
    loaded = load(folder / "trailarrd.yaml", providers=PROVIDERS, environ=ENVIRON)
    assert [connection.name for connection in loaded.connections] == ["movies", "series", "more"]


@pytest.mark.slow
@given(main=edits(MAIN), more=edits(MORE) | st.just([]))
@settings(deadline=None)
def test_a_mutated_file_is_read_or_reported_with_a_place_and_without_a_secret(
    folder: Path, main: list[tuple[int, int, str]], more: list[tuple[int, int, str]]
) -> None:
    for name, text in (("trailarrd.yaml", edited(MAIN, main)), ("more.yaml", edited(MORE, more))):
        (folder / name).write_bytes(text.encode(errors="surrogatepass"))
    judge(folder, mistakes(lambda: read_all(folder)))
    judge(folder, mistakes(lambda: load_outline(folder / "trailarrd.yaml", environ=ENVIRON)))


VARIABLES = st.sampled_from(
    [
        *("LOG", "LOG__LEVEL", "CONNECTIONS", "CONNECTIONS__MOVIES", "CONNECTIONS__MOVIES__OPTIONS"),
        *("CONNECTIONS__0__PATH_MAPPINGS", "CONNECTIONS__9__URL", "DEFAULTS__TIMEOUTS__STALL", "PLUGINS"),
        *(
            "CONNECTIONS__SERIES__RETRY",
            "REMOVED_GRACE",
            "__",
            "LOG__",
            "CONNECTIONS__MOVIES__OPTIONS__LOGIN",
        ),
        *("CONNECTIONS__MOVIES__NAME", "INCLUDE__0", "CONNECTIONS__MOVIES__OPTIONS__PAGES", "DATABASE__URL"),
    ]
)
VALUES = st.one_of(
    st.sampled_from(["debug", "{}", "[]", "{a: b}", "[a, b]", "0", KEY, f"{{pin: {KEY}}}", f"[{KEY}", "*a"]),
    st.text(max_size=20),
)


@pytest.mark.slow
@given(st.dictionaries(VARIABLES, VALUES, min_size=1, max_size=4))
@settings(deadline=None)
def test_any_environment_is_taken_or_reported_with_its_variable(folder: Path, named: dict[str, str]) -> None:
    (folder / "trailarrd.yaml").write_text(MAIN)
    (folder / "more.yaml").write_text(MORE)
    environ = {**ENVIRON, **{f"TRAILARRD_{name}": value for name, value in named.items()}}
    error = mistakes(lambda: load(folder / "trailarrd.yaml", providers=PROVIDERS, environ=environ))
    if error:
        assert KEY not in str(error) + repr(error.diagnostics)
        files = {problem.file for problem in error.diagnostics}
        assert files <= {f"$TRAILARRD_{name}" for name in named} | {str(folder / "trailarrd.yaml")}


def test_nothing_is_left_behind(folder: Path) -> None:
    """A mutated name of a file must not make the loader write one."""
    assert {file.name for file in folder.iterdir()} <= {"conf.d", "more.yaml", "trailarrd.yaml"}
