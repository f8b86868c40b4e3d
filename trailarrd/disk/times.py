"""Whose folder times are trusted: a file system's that promises them, as long as it was not caught lying."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from trailarrd.disk.mounts import Mount, mount_of
from trailarrd.domain.paths import LocalPath, is_below
from trailarrd.domain.times import PROMISED, TimesPolicy, TrustTimes

_OWN_NUMBERS: Final = frozenset({"btrfs", "overlay"})
"""What has device numbers that stand in no table: each sub-volume of a btrfs, the layers of an overlay."""


class FileSystems:
    """The kinds of file systems by their device numbers."""

    def __init__(self, read: Callable[[], list[Mount]]) -> None:
        self.read = read
        """What is mounted now."""
        self._kinds: dict[int, str | None] = {}

    def kind_of(self, device: int, path: str) -> str | None:
        """That of the device, on which the path lies; None if it cannot be told.

        The table of mounts is read for each device that was not met before: it may just have come.
        """
        if device not in self._kinds:
            self._kinds[device] = self._find(device, path)
        return self._kinds[device]

    def _find(self, device: int, path: str) -> str | None:
        table = self.read()
        for mount in table:
            if mount.device == device:
                return mount.kind
        mount_above = mount_of(LocalPath(os.path.realpath(path)), table)
        return mount_above.kind if mount_above and mount_above.kind in _OWN_NUMBERS else None


@dataclass
class FolderTimes:
    """Below one root folder and for one refresh; asked by the threads that look there."""

    root: LocalPath
    device: int | None
    """The root folder's own; what lies below may be on others."""
    policy: TimesPolicy
    systems: FileSystems
    caught: bool = False
    """Whether they were caught lying, in an earlier refresh or in this one."""
    liar: str | None = field(default=None, init=False)
    """The folder by which they were caught in this refresh."""
    trusted: set[int] = field(default_factory=set, init=False)
    """Devices of which every folder's are trusted, so that most folders need no call of `are_trusted`."""

    def __post_init__(self) -> None:
        self._word = self.policy.within(self.root)

    @cached_property
    def never(self) -> bool:
        """Whether no folder's are trusted for certain, so that nobody need ask for them."""
        if self._word is not TrustTimes.AUTO:
            return self._word is TrustTimes.NEVER
        return self.caught or self._lies_on_others()

    def _lies_on_others(self) -> bool:
        """Whether it is on a file system without that promise, and nothing else is mounted in it."""
        kind = None if self.device is None else self.systems.kind_of(self.device, self.root)
        if kind is None or kind in PROMISED:
            return False
        place = LocalPath(os.path.realpath(self.root))
        return not any(is_below(mount.point, place) for mount in self.systems.read() if mount.point != place)

    def are_trusted(self, folder: str, facts: os.stat_result) -> bool:
        """Those of one folder, by the file system that it lies on itself."""
        word = self._word or self.policy.of(folder)
        are_trusted = word is TrustTimes.ALWAYS
        if word is TrustTimes.AUTO:
            are_trusted = not self.caught and self.systems.kind_of(facts.st_dev, folder) in PROMISED
        if are_trusted and self._word:
            self.trusted.add(facts.st_dev)
        return are_trusted

    def note_lie(self, folder: str) -> None:
        """A listing found what the folder's times had hidden: trust none below this root any more."""
        self.caught, self.liar = True, self.liar or folder
        if self._word is not TrustTimes.ALWAYS:
            self.trusted.clear()
