"""What models of settings are given beside the values: the installed plugins, and where values come from."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from trailarrd.config.diagnostic import Address, FieldError, did_you_mean, quote
from trailarrd.config.shape import OPTIONS, Model
from trailarrd.config.signs import Sign
from trailarrd.config.tree import Leaf, Tree, child


class TakesOptions(Protocol):
    """A provider or a downloader, as far as the configuration needs it."""

    @property
    def options(self) -> type[BaseModel] | None:
        """The model of what its `options:` may say; None if there are none."""
        ...


Providers = Mapping[str, TakesOptions]


class KnownProviders:
    """What `provider:` may say, and the models of their options and of those of the downloaders."""

    def __init__(
        self, providers: Collection[str] | Providers, downloaders: Providers = MappingProxyType({})
    ) -> None:
        known = providers if isinstance(providers, Mapping) else {}
        self._names = frozenset(providers)
        self.models = {name: provider.options for name, provider in known.items() if provider.options}
        self._downloaders = downloaders

    @property
    def all_models(self) -> Iterator[Model]:
        """Each is made when it is looked at."""
        yield from self.models.values()
        if any(one.options for one in self._downloaders.values()):
            yield self.downloads

    @cached_property
    def downloads(self) -> Model:
        """What `options:` below `download:` may say: of each downloader what it understands itself."""
        fields: dict[str, Any] = {
            f"of_{number}": (one.options | None, Field(default=None, alias=name))
            for number, (name, one) in enumerate(sorted(self._downloaders.items()))
            if one.options
        }
        return create_model("DownloadOptions", __config__=ConfigDict(extra="forbid"), **fields)

    def model_of(self, block: Tree) -> Model | None:
        """Of the options in a connection's block, or in that of downloads, which names no provider."""
        named = child(block, "provider")
        if isinstance(named, Leaf):
            return self.models.get(named.text or "")
        return self.downloads if child(block, OPTIONS) is not None else None

    def read_downloads(self, options: object) -> BaseModel:
        """The options of the downloaders as they read them; raises `ValueError`, also pydantic's own."""
        for name in options if isinstance(options, Mapping) else ():
            if name not in self._downloaders:
                known = ", ".join(sorted(self._downloaders)) or "none"
                hint = did_you_mean(name, self._downloaders) or "see 'trailarrd plugins'"
                raise FieldError(f"unknown downloader {quote(name)}", hint=f"{hint} (installed: {known})")
            if self._downloaders[name].options is None:
                hint = f"delete '{name}:' and what is below it"
                raise FieldError(f"downloader {quote(name)} takes no options", hint=hint)
        return _validated(self.downloads, options, "a downloader")

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
        return _validated(model, options, f"provider {quote(provider)}")


def _validated(model: Model, options: object, whose: str) -> BaseModel:
    try:
        return model.model_validate(options, strict=False, extra="forbid")
    except ValidationError:
        raise
    except Exception as error:  # noqa: BLE001  # a stranger's validators may do anything
        message = f"{whose} failed to read them: {type(error).__name__}"
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
