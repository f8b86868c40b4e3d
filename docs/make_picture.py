"""Makes the picture and the text block of the README from the demo's real output."""  # noqa: INP001

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

DOCS: Final = Path(__file__).parent
PICTURE: Final = DOCS / "demo.svg"
README: Final = DOCS.parent / "README.md"
WIDTH: Final = 100
"""Columns of the terminal in the picture."""

_BLOCK: Final = re.compile(r"(<!-- demo -->\n```text\n).*?(```\n)", re.DOTALL)
_FONT_FROM_THE_NET: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_FONT: Final = '"DejaVu Sans Mono", Menlo, Consolas, monospace'


def demo_output() -> str:
    """What a terminal of that width shows up to the second refresh, colours included."""
    screen = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    command = [sys.executable, "-m", "trailarrd", "demo"]
    done = subprocess.run(  # noqa: S603  # our own command
        command, env={**os.environ, **screen}, capture_output=True, text=True, check=True
    )
    return done.stdout[: done.stdout.index("5. ")]


def picture(output: str) -> str:
    """A terminal window with that output, without anything to be fetched from elsewhere."""
    text = Text.from_ansi(output.strip("\n"))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(text)
    svg = console.export_svg(title="./dev demo", unique_id="demo")
    svg = _FONT_FROM_THE_NET.sub("", svg).replace("Fira Code, monospace", _FONT)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def excerpt(output: str) -> str:
    """The part in which the library changes, as plain text."""
    plain = Text.from_ansi(output).plain
    lines = [line.rstrip() for line in plain[plain.index("3. ") :].splitlines()]
    return "\n".join(lines).strip("\n") + "\n"


def main() -> None:
    """Write both."""
    output = demo_output()
    PICTURE.write_text(picture(output), encoding="utf-8")
    page = README.read_text(encoding="utf-8")
    page = _BLOCK.sub(lambda block: block[1] + excerpt(output) + block[2], page)
    README.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
