"""Where a trailer belongs."""

from dataclasses import dataclass

from trailarrd.domain.paths import LocalPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a trailer belongs: `inside` is the way from the item's own folder, such as `Trailers`."""

    root: LocalPath
    """The root folder below which it must lie, links resolved."""
    folder: LocalPath
    """The item's."""
    inside: str
    stem: str
    """Its name without extension."""

    def path(self, extension: str) -> LocalPath:
        """All of it."""
        names = [self.folder.rstrip("/"), *([self.inside] if self.inside else []), self.stem + extension]
        return LocalPath("/".join(names))
