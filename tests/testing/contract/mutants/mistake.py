"""One mistake, and the checks that are meant for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.healthy import HEALTHY, parse_author
from trailarrd.plugin import ProviderError

if TYPE_CHECKING:
    from trailarrd.plugin import Media, Provider

PartT = TypeVar("PartT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Mistake:
    """A provider that is healthy but for one thing."""

    name: str
    checks: tuple[str, ...]
    """Each of them must catch it."""
    provider: Provider[Any]
    says: str = ""
    """What the author must read of it."""

    def __str__(self) -> str:
        return self.name


class Mistakes:
    """Collects the mistakes of one module; a part of a provider is marked with what catches it::

    @mistakes.parser("test_the_parser_is_pure", says="give other Media")
    def parse(record): ...
    """

    def __init__(self) -> None:
        self.all: list[Mistake] = []

    def api(self, *checks: str, says: str = "") -> Callable[[PartT], PartT]:
        """An API manager that gets something wrong."""
        return self._part("api_manager", checks, says)

    def parser(self, *checks: str, says: str = "") -> Callable[[PartT], PartT]:
        """A parser that does."""
        return self._part("parser", checks, says)

    def webhook(self, *checks: str, says: str = "") -> Callable[[PartT], PartT]:
        """A reader of events that does."""
        return self._part("webhook", checks, says)

    def live(self, *checks: str, says: str = "") -> Callable[[PartT], PartT]:
        """A listener that does."""
        return self._part("live", checks, says)

    def add(self, name: str, check: str, provider: Provider[Any], says: str = "") -> None:
        """A provider that does."""
        self.all.append(Mistake(name, (check,), provider, says))

    def _part(self, field: str, checks: tuple[str, ...], says: str) -> Callable[[PartT], PartT]:
        def keep(part: PartT) -> PartT:
            changes: dict[str, Any] = {field: part}
            self.all.append(Mistake(part.__name__, checks, replace(HEALTHY, **changes), says))
            return part

        return keep


def reading(kind: type[Any], parser: Callable[[Any], Media] = parse_author) -> Any:
    """The healthy provider with another type of record."""
    manager = type("Other", (BookarrApiManager,), {"record_type": kind})
    return replace(HEALTHY, api_manager=manager, parser=parser)


class Mishandling(BookarrApiManager):
    """Does something else with the errors that it should raise."""

    def instead(self, error: Exception) -> Exception | None:
        """What is raised in its place; None: nothing, as if there were nothing more to come."""
        raise NotImplementedError

    async def system_status(self) -> Any:
        return await self._handled(super().system_status())

    async def root_folders(self) -> Any:
        return await self._handled(super().root_folders()) or []

    async def media(self, arr_id: int) -> Any:
        return await self._handled(super().media(arr_id))

    async def all_media(self) -> Any:
        try:
            async for batch in super().all_media():
                yield batch
        except ProviderError as error:
            if (other := self.instead(error)) is not None:
                raise other from None

    async def _handled(self, answer: Any) -> Any:
        try:
            return await answer
        except ProviderError as error:
            if (other := self.instead(error)) is not None:
                raise other from None
            return None
