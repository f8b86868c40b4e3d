"""Tags by name: most servers tell an item's tags by their ids, and the names apart from the list."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from msgspec.structs import replace

from trailarrd.domain.details import tags_told
from trailarrd.domain.media import Media


class RecentTags:
    """What one server called its tags last."""

    def __init__(self) -> None:
        self.names: Mapping[int, str] | None = None
        """None: it was never asked with success."""


class TagsOfRefresh:
    """Names the tags of one refresh's items; the server is asked at most once, and only if there are any."""

    def __init__(self, ask: Callable[[], Awaitable[Mapping[int, str] | None]], recent: RecentTags) -> None:
        self._ask = ask
        self._recent = recent
        self._asked = False

    async def named(self, batch: list[Media], *, recently: bool = False) -> list[Media]:
        """The same, their tags by name; without them where nobody knows the names.

        `recently`: what the server said last will do, as long as it said it of all of them.
        """
        told = [(at, tags_told(one.details)) for at, one in enumerate(batch) if one.details.tags]
        tags_of_some = {tags for _, tags in told}  # few, however many items have them
        ids = {one for tags in tags_of_some for one in _ids(tags)}
        if ids and not self._asked and not (recently and ids <= (self._recent.names or {}).keys()):
            self._asked = True
            if (names := await self._ask()) is not None:
                self._recent.names = names
        names_of = {tags: self._names(tags) for tags in tags_of_some}
        for at, tags in told:
            one = batch[at]
            batch[at] = one.with_details(replace(one.details, tags=names_of[tags]))
        return batch

    def _names(self, tags: Iterable[str | int]) -> tuple[str, ...] | None:
        names = self._recent.names
        if names is None and _ids(tags):
            return None
        named = [names.get(one) for one in _ids(tags)] if names else []
        return tuple(sorted({one for one in (*tags, *named) if isinstance(one, str)}))


def _ids(tags: Iterable[str | int]) -> list[int]:
    return [one for one in tags if isinstance(one, int)]
