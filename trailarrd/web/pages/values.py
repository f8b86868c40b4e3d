"""Values as they stand within a text: numbers, and names in whatever direction they are read."""

from markupsafe import Markup


def number(value: int) -> Markup:
    """The script of the page writes it as its reader does."""
    return Markup(f'<data value="{value:d}">{digits(value)}</data>')  # noqa: S704  # there are digits in it alone


def digits(value: int) -> str:
    """Where no element can stand."""
    return f"{value:,}"


def isolated(text: str) -> str:
    """Where no `<bdi>` can stand: a name in another direction does not turn the words around it."""
    return text if text.isascii() else f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
