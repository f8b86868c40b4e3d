"""The text of a configuration file, and how a place in it is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trailarrd.config.masking import Span, conceal, hide, unparsed_spans
from trailarrd.config.problem import InvalidConfigError, Position, Problem
from trailarrd.config.wording import address_text
from trailarrd.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trailarrd.config.wording import Address

_LINE_END: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_WIDEST: Final = 120
_BEFORE_CARET: Final = 80


class Source:
    """The lines of a file or a variable; until told where its secrets stand, it hides whatever may be one."""

    def __init__(
        self,
        file: str,
        text: str,
        folder: Path | None = None,
        *,
        are_options: bool = False,
        is_secret: bool = False,
    ) -> None:
        self.file = file
        self.folder = folder or Path(file).parent
        """Files that are named in it are relative to this."""
        self.text = text
        self.lines = _LINE_END.split(text)
        self.are_options = are_options
        """Whether all of it is for a plugin, and so perhaps secret."""
        self.is_secret = is_secret
        """Whether no word of it is ever shown."""
        hidden = (Span(number, 0, len(line)) for number, line in enumerate(self.lines))
        self._spans = list(hidden if are_options or is_secret else unparsed_spans(self.lines))

    def reveal_all_but(self, spans: Iterable[Span]) -> None:
        """From now on hide these places only."""
        if not self.is_secret:
            self._spans = list(spans)

    def position(self, offset: int) -> Position:
        """Where the character at this offset stands."""
        before = _LINE_END.split(self.text[:offset])
        return Position(len(before), len(before[-1]) + 1)

    def problem(
        self, message: str, hint: str | None, position: Position | None, address: Address = ()
    ) -> Problem:
        """What is wrong at a place, with its line, fit to be shown."""
        line, caret = self._show(position) if position else ("", 1)
        return Problem(
            file=self.file,
            line=position.line if position else None,
            column=position.column if position else None,
            setting=conceal(printable(address_text(address), " ")),
            message=conceal(message),
            hint=conceal(hint) if hint else None,
            source=line,
            caret=caret,
        )

    def error(self, message: str, hint: str | None, position: Position) -> InvalidConfigError:
        """A mistake that hides all others."""
        return InvalidConfigError([self.problem(message, hint, position)])

    def _show(self, position: Position) -> tuple[str, int]:
        number = position.line - 1
        if number >= len(self.lines):
            return "", 1
        spans = [span for span in self._spans if span.line == number]
        shown, caret = hide(self.lines[number], position.column - 1, spans)
        return _crop(printable(shown, " "), caret + 1)


def _crop(text: str, caret: int) -> tuple[str, int]:
    """A part of a very long line around the caret."""
    if len(text) <= _WIDEST:
        return text, caret
    cut = max(0, caret - _BEFORE_CARET)
    shown = text[cut : cut + _WIDEST]
    head, tail = ("…" if cut else ""), ("…" if cut + _WIDEST < len(text) else "")
    return head + shown + tail, caret - cut + len(head)


def read_source(path: Path) -> Source:
    """The file as text: UTF-8, with or without a byte order mark.

    Raises `OSError`, and `InvalidConfigError` for what is not UTF-8.
    """
    content = path.read_bytes()
    try:
        return Source(str(path), content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        # The codec counts from behind the byte order mark, and `object` is what it counted in.
        before = error.object[: error.start].decode()
        source = Source(str(path), before + error.object[error.start :].decode(errors="replace"))
        byte = error.object[error.start]
        raise source.error(
            f"byte 0x{byte:02x} is not UTF-8", "save the file as UTF-8", source.position(len(before))
        ) from None
