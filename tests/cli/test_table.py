"""Tables fit the terminal that they meet: no number is cut, no line is too long, what is left out is said."""

from __future__ import annotations

import importlib
import pkgutil
from types import SimpleNamespace
from typing import Any

import pytest
from rich.cells import cell_len

from trailarrd import cli
from trailarrd.cli.table import Column, broken, print_table

TITLE = "The Extraordinarily Long Title of a Donaudampfschifffahrtsgesellschaftskapitänsmütze"


def tables() -> list[Any]:
    """Every table that a command prints."""
    found = []
    for module in pkgutil.iter_modules(cli.__path__):
        constants = vars(importlib.import_module(f"trailarrd.cli.{module.name}")).items()
        for name, value in constants:
            if isinstance(value, tuple) and value and all(isinstance(one, Column) for one in value):
                found.append(pytest.param(value, id=f"{module.name}.{name}"))
    return found


def row(columns: tuple[Column, ...]) -> SimpleNamespace:
    """With something to tell in every column, and large numbers."""
    made = SimpleNamespace(error=None)
    for number, column in enumerate(columns):
        value = 123_456 + number if column.number else TITLE if column.wide else "mode-missing"
        *ways, last = (column.of or column.name.replace(" ", "_")).split(".")
        place = made
        for way in ways:
            place.__dict__.setdefault(way, SimpleNamespace())
            place = getattr(place, way)
        setattr(place, last, value)
    return made


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("columns", tables())
def test_every_table_fits_and_cuts_no_number(
    columns: tuple[Column, ...],
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(columns, [row(columns)])
    said = capsys.readouterr()
    left_out = said.err.removeprefix("too narrow here for: ").partition(";")[0].split(", ")
    never = sum(column.spare == 0 for column in columns)
    # Six numbers that are never left out, each as long as that, need more than 60 cells.
    if never <= 5:
        assert [line for line in said.out.splitlines() if cell_len(line) > width] == []
    for number, column in enumerate(columns):
        if column.number:
            assert (str(123_456 + number) in said.out.split()) is (column.name not in left_out)
    if width == 200 and not any(column.rare for column in columns):
        assert said.err == ""


def test_what_a_pipe_gets_is_as_wide_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table((Column("title", wide=True),), [SimpleNamespace(title=TITLE * 5)])
    assert TITLE * 5 in capsys.readouterr().out


def test_a_word_that_is_broken_has_a_sign_where_it_goes_on() -> None:
    assert broken("/mnt/media/films/Heat (1995)", 12) == "/mnt/media/↩\nfilms/Heat (1995)"
    assert broken("マトリックス", 7) == "マトリ↩\nックス"


def test_what_an_error_makes_unknown_is_no_zero(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (Column("connection"), Column("monitored", number=True, unless="error"))
    print_table(columns, [SimpleNamespace(connection="movies", monitored=0, error="down")])
    assert capsys.readouterr().out.splitlines()[-2].split() == ["movies", "–"]


def test_text_that_has_no_room_goes_on_below_itself_and_heads_stand_on_the_rule(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "29")
    columns = (Column("id", number=True), Column("connection name"), Column("title", wide=True))
    rows = [
        SimpleNamespace(id=7, connection_name="uhd", title="The Lighthouse"),
        SimpleNamespace(id=12, connection_name="movies", title="マトリックス"),
    ]
    print_table(columns, rows)
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "",
        "     connection",
        " id  name        title",
        " " + "─" * 28,
        "  7  uhd         The",
        "                 Lighthouse",
        " 12  movies      マトリックス",
        "",
    ]
