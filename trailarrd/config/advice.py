"""What to do about a key or a kind of value that does not fit, from what the models know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trailarrd.config.shape import fields_of, is_list, model_of
from trailarrd.config.wording import did_you_mean, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trailarrd.config.shape import Model

_MOST_PLACES: Final = 3


def for_unknown_key(name: str, here: Model | None, root: Model) -> str:
    """Where the key belongs, what may be meant, or what there is."""
    known = list(fields_of(here)) if here else []
    places = [place for place, model in _mappings(root) if name in fields_of(model)][:_MOST_PLACES]
    if places:
        return f"it belongs in {_either(places)}"
    return did_you_mean(name, known) or f"known keys: {', '.join(known) or 'none'}"


def for_mapping(model: Model | None) -> str:
    """How the mapping is written that belongs here."""
    if examples := _examples(model):
        return f"for example {{{', '.join(examples)}}}"
    known = f"; known keys: {', '.join(fields_of(model))}" if model else ""
    return f"write it as 'key: value'{known}"


def for_list(model: Model | None) -> str:
    """How the list is written that belongs here; with a model it is one of mappings."""
    examples = _examples(model)
    return "begin each item with '- '" + (f", as in '- {examples[0]}'" if examples else "")


def _examples(model: Model | None) -> list[str]:
    """The keys that must be there, each with a value."""
    fields = fields_of(model) if model else {}
    return [
        f"{name}: {field.examples[0]}"
        for name, field in fields.items()
        if field.is_required() and field.examples
    ]


def _mappings(model: Model, before: str = "") -> Iterator[tuple[str, Model]]:
    """Every mapping in the file below the top, the outer ones first."""
    inner = [(name, field, found) for name, field in fields_of(model).items() if (found := model_of(field))]
    for name, field, found in inner:
        yield f"an item of {quote(before + name)}" if is_list(field) else quote(before + name), found
    for name, _, found in inner:
        yield from _mappings(found, f"{before}{name}.")


def _either(places: list[str]) -> str:
    return places[0] if len(places) == 1 else f"{', '.join(places[:-1])} or {places[-1]}"
