"""A plugin's own settings of a connection: the mapping under `options:`, as the plugin's model reads it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ValidationError

from trailarrd.config.diagnostic import FieldError
from trailarrd.config.tree import Leaf, Tree, child
from trailarrd.config.wording import did_you_mean, quote

if TYPE_CHECKING:
    from trailarrd.config.shape import Model


class TakesOptions(Protocol):
    """A provider, as far as the configuration needs it."""

    @property
    def options(self) -> type[BaseModel] | None:
        """The model of its connections' `options:`; None if there are none."""
        ...


Providers = Mapping[str, TakesOptions]


class KnownProviders:
    """What `provider:` may say, and the models of their options."""

    def __init__(self, providers: Collection[str] | Providers) -> None:
        known = providers if isinstance(providers, Mapping) else {}
        self._names = frozenset(providers)
        self.models = {name: provider.options for name, provider in known.items() if provider.options}

    def model_of(self, connection: Tree) -> Model | None:
        named = child(connection, "provider")
        return self.models.get(named.text or "") if isinstance(named, Leaf) else None

    def check(self, provider: str) -> None:
        """Raise `FieldError` for one that is not installed."""
        if provider not in self._names:
            hint = did_you_mean(provider, self._names)
            hint = hint or "install its plugin, or see in 'trailarrd plugins' why it was not loaded"
            installed = f"installed: {', '.join(sorted(self._names)) or 'none'}"
            raise FieldError(f"unknown provider {quote(provider)}", hint=f"{hint} ({installed})")

    def read(self, provider: str, options: object) -> BaseModel:
        """The options as the provider's model reads them; raises `ValueError`, also pydantic's own."""
        model = self.models.get(provider)
        if model is None:
            hint = "delete 'options:' and what is below it"
            raise FieldError(f"provider {quote(provider)} takes no options", hint=hint)
        try:
            return model.model_validate(options, strict=False, extra="forbid")
        except ValidationError:
            raise
        except Exception as error:  # noqa: BLE001  # a stranger's validators may do anything
            message = f"provider {quote(provider)} failed to read them: {type(error).__name__}"
            hint = "this is a mistake in the plugin: tell its author"
            raise FieldError(message, hint=hint) from None
