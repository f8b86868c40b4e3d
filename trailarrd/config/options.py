"""A plugin's own settings of a connection: the mapping under `options:`, as the plugin's model reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ByteSize, ValidationError

from trailarrd.config.fields import duration, size
from trailarrd.config.flaw import Flaw
from trailarrd.config.masking import OPTIONS, Visible
from trailarrd.config.problem import FieldError
from trailarrd.config.shape import fields_of, holds, is_secret, model_of, models_in
from trailarrd.config.translator import Translator
from trailarrd.config.tree import Leaf, child
from trailarrd.config.wording import quote
from trailarrd.domain.secret import Redactor, Secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pydantic.fields import FieldInfo

    from trailarrd.config.document import Document
    from trailarrd.config.shape import Model
    from trailarrd.config.tree import Tree
    from trailarrd.config.wording import Address


class TakesOptions(Protocol):
    """A provider, as far as the configuration needs it."""

    @property
    def options(self) -> type[BaseModel] | None:
        """The model of its connections' `options:`; None if there are none."""
        ...


Providers = Mapping[str, TakesOptions]


class Options:
    """What the installed plugins say of their options."""

    def __init__(self, providers: Collection[str] | Providers) -> None:
        known = providers if isinstance(providers, Mapping) else {}
        self._models = {name: provider.options for name, provider in known.items() if provider.options}
        fields = [item for model in self._models.values() for item in _fields(model)]
        secret = {key for key, field in fields if is_secret(field)}
        mappings = {key for key, field in fields if model_of(field)} - secret
        self.visible = Visible(frozenset({key for key, _ in fields} - secret - mappings), frozenset(mappings))
        """What may be shown, whichever plugin it belongs to."""

    def model_of(self, connection: Tree) -> Model | None:
        """The model of one connection's options."""
        named = child(connection, "provider")
        return self._models.get(named.text or "") if isinstance(named, Leaf) else None

    def named(self, provider: str) -> Model | None:
        """The model of a provider's options."""
        return self._models.get(provider)


def _fields(model: Model) -> Iterator[tuple[str, FieldInfo]]:
    """Every key at any depth."""
    waiting = [model]
    seen: set[Model] = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for key, field in fields_of(one).items():
            yield key, field
            waiting += models_in(field.annotation)


class OptionsReader:
    """Reads the options of one connection after the other."""

    def __init__(self, document: Document, options: Options, providers: Collection[str]) -> None:
        self._document = document
        self._options = options
        self._providers = providers
        self.flaws: list[Flaw] = []

    def with_options(self, data: object) -> object:
        """The data with what the plugins' models make of their options."""
        connections = data.get("connections") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(connections, list):
            return data
        read = [
            {**block, OPTIONS: self._read(index, block)} if isinstance(block, dict) else block
            for index, block in enumerate(connections)
        ]
        return {**data, "connections": read}

    def _read(self, index: int, block: Mapping[str, object]) -> BaseModel | None:
        """The connection's options, if its provider takes any and they are valid."""
        provider, address = str(block.get("provider")), ("connections", index, OPTIONS)
        model = self._options.named(provider)
        if model is None:
            if OPTIONS in block and provider in self._providers:
                self._refuse(provider, address)
            return None
        if self._document.is_broken(address):
            return None
        try:
            given = self._with_units(block.get(OPTIONS, {}), model, address)
            return model.model_validate(given, strict=False, extra="forbid")
        except ValidationError as error:
            found = Translator(self._document, model, address).flaws(error)
            self.flaws += [self._without_secrets(flaw, address) for flaw in found]
        except Exception as error:  # noqa: BLE001  # a stranger's validators may do anything
            message = f"provider {quote(provider)} failed to read them: {type(error).__name__}"
            self.flaws.append(Flaw(address, message, "this is a mistake in the plugin: tell its author"))
        return None

    def _refuse(self, provider: str, address: Address) -> None:
        key = self._document.places[address].key
        message = f"provider {quote(provider)} takes no options"
        self.flaws.append(Flaw(address[:-1], message, "delete this key and what is below it", key))

    def _without_secrets(self, flaw: Flaw, address: Address) -> Flaw:
        """A plugin's own words may repeat what they are about."""
        secrets = [
            Secret(leaf.text)
            for place, leaf in self._document.leaves.items()
            if place[: len(address)] == address and leaf.text and self._is_hidden(place[len(address) :])
        ]
        redactor = Redactor(secrets)
        hint = redactor.clean(flaw.hint) if flaw.hint else None
        return flaw._replace(message=redactor.clean(flaw.message), hint=hint)

    def _is_hidden(self, keys: Address) -> bool:
        shown = self._options.visible.values | self._options.visible.mappings
        return any(isinstance(key, str) and key not in shown for key in keys)

    def _with_units(self, given: object, model: Model, address: Address) -> object:
        """The options with times and sizes as people write them; pydantic reads other notations."""
        if isinstance(given, list):
            return [self._with_units(item, model, (*address, index)) for index, item in enumerate(given)]
        if not isinstance(given, dict):
            return given
        fields = fields_of(model)
        return {
            key: self._with_unit(value, fields[key], (*address, key)) if key in fields else value
            for key, value in given.items()
        }

    def _with_unit(self, value: object, field: FieldInfo, address: Address) -> object:
        if (inner := model_of(field)) is not None:
            return self._with_units(value, inner, address)
        read = duration if holds(field, timedelta) else size if holds(field, ByteSize) else None
        if read is None or not isinstance(value, str):
            return value
        try:
            return read(value)
        except FieldError as error:
            self._document.mark_broken(address)
            self.flaws.append(Flaw(address, error.message, error.hint))
            return value
