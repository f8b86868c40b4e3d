"""The man page is made from the help: every command and option is in it, and roff does not complain."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import click
import pytest

from trailarrd.cli import trailarrd
from trailarrd.cli.group import COMMANDS

ROOT = Path(__file__).parents[2]


def maker() -> Any:
    loader = SourceFileLoader("make_man", str(ROOT / "packaging" / "make-man"))
    spec = importlib.util.spec_from_loader("make_man", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_command_and_option_is_in_it_and_roff_reads_it() -> None:
    page = maker().page()
    told = page.replace("\\-", "-")
    for name in COMMANDS:
        command = trailarrd.get_command(click.Context(trailarrd), name)
        assert command
        assert f".SS trailarrd {name} " in told
        options = [one for one in command.params if isinstance(one, click.Option)]
        assert [one.opts for one in options if one.opts[0] not in told] == []
    for line in (".SS trailarrd db restore [OPTIONS] FILE", ".SS trailarrd apikey create ", "78 the config"):
        assert line in told
    if not (groff := shutil.which("groff")):
        pytest.skip("its words are right; groff, to see whether it reads them, is not here")
    done = subprocess.run(
        [groff, "-man", "-Tutf8", "-ww"], input=page.encode(), capture_output=True, check=True
    )
    assert done.stderr.decode() == ""
