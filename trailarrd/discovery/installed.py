"""Which plugins are installed: entry points, and what their distributions say of themselves.

Nothing here runs a plugin's code, so that one can be refused before it does anything.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from trailarrd.plugin.spec import GROUP

_CORE: Final = "trailarrd"
_UNKNOWN: Final = "an unknown distribution"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPlugin:
    """One entry point of group `trailarrd`."""

    point: EntryPoint
    distribution: str
    version: str
    requires: tuple[str, ...] = ()
    """What its distribution requires, as its metadata says it."""

    def is_named(self, names: Collection[str]) -> bool:
        """Whether one of these is the plugin's own name, or its distribution's."""
        return any(is_called(name, self.point.name, self.distribution) for name in names)

    def wants_other_than(self, core: str) -> str | None:
        """The versions of trailarrd that it asks for, as it says it, if `core` is none of them.

        An upgrade of trailarrd alone leaves such a plugin behind; pip only warns of it.
        """
        for text, requirement in self._requirements():
            if canonicalize_name(requirement.name) != _CORE:
                continue
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if applies and not requirement.specifier.contains(core, prereleases=True):
                return text.partition(";")[0].strip()
        return None

    def _requirements(self) -> Iterator[tuple[str, Requirement]]:
        for text in self.requires:
            try:
                yield text, Requirement(text)
            except InvalidRequirement:  # pip will have said so when it was installed
                continue


def is_called(name: str, plugin: str, distribution: str) -> bool:
    """Whether a user means that plugin: its own name, or any spelling of its distribution's."""
    return name == plugin or canonicalize_name(name) == canonicalize_name(distribution)


def installed_plugins() -> list[InstalledPlugin]:
    """Every installed plugin by distribution and name; of two copies of one, that which Python imports."""
    found: dict[tuple[str, str], InstalledPlugin] = {}
    for distribution in distributions():
        for plugin in _plugins_of(distribution):
            found.setdefault((canonicalize_name(plugin.distribution), plugin.point.name), plugin)
    return [found[key] for key in sorted(found)]


def _plugins_of(distribution: Distribution) -> Iterator[InstalledPlugin]:
    """Its plugins; one whose files are damaged has none, and must not hide all the others."""
    try:
        if GROUP not in (distribution.read_text("entry_points.txt") or ""):
            return  # most have none, and to take such a file apart is most of the work
        points = list(distribution.entry_points.select(group=GROUP))
    except Exception:  # noqa: BLE001  # a distribution is a stranger's files: any error may come of them
        return
    for point in points:
        name, version, requires = _facts(distribution)
        yield InstalledPlugin(point=point, distribution=name, version=version, requires=requires)


def _facts(distribution: Distribution) -> tuple[str, str, tuple[str, ...]]:
    """What its METADATA says; a broken-off installation leaves none, which each Python tells differently."""
    try:
        metadata = distribution.metadata  # parsed anew each time that it is asked for
        name, version = metadata["Name"] or _UNKNOWN, metadata["Version"] or ""
        return name, version, tuple(distribution.requires or ())
    except Exception:  # noqa: BLE001  # see above
        return _UNKNOWN, "", ()
