"""What models of settings are given beside the values: the installed plugins, and where values come from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from pydantic import BaseModel, ValidationError

from trailarrd.config.diagnostic import Address, FieldError, did_you_mean, quote
from trailarrd.config.shape import Model
from trailarrd.config.signs import Sign
from trailarrd.config.tree import Leaf, Tree, child


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """A line of a file, an environment variable, or neither: trailarrd's own default."""

    file: str | None = None
    line: int | None = None
    variable: str | None = None
    """The variable that stands for the setting, as `TRAILARRD_LOG__LEVEL`."""
    via: str | None = None
    """What the file says there, if it only says where the value is: `!env RADARR_API_KEY`."""

    @property
    def kind(self) -> str:
        """`file`, `environment` or `default`."""
        return "file" if self.file else "environment" if self.variable else "default"

    def __str__(self) -> str:
        if self.file:
            return f"{self.file}:{self.line}" + (f", {self.via}" if self.via else "")
        return f"${self.variable}" if self.variable else "default"


DEFAULT: Final = Provenance()


@dataclass(frozen=True, slots=True)
class LoadContext:
    """What was read for the settings, and what their models are given to look at beside the values."""

    path: Path
    sources: frozenset[Path] = frozenset()
    provenance: Mapping[Address, Provenance] = field(default_factory=dict)
    signs: Mapping[Path, Sign] = field(default_factory=dict, compare=False)
    """Of the sources, as they were when they were read."""
    providers: KnownProviders | None = field(default=None, compare=False)
