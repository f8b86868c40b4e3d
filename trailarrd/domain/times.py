"""Folder times: where a folder whose times stand still is taken for one in which nothing has changed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from trailarrd.domain.paths import LocalPath, is_below

PROMISED: Final = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay"})
"""The file systems of which one knows that whatever comes or goes in a folder moves its times.

Not the others: a pool shows the times of one of its branches, a share those that it remembers, and a
mount of a cloud those at which it was mounted.
"""


class TrustTimes(StrEnum):
    """What `disk.trust_times` says."""

    AUTO = "auto"
    """Where the file system promises them, as long as they were not caught lying."""
    ALWAYS = "always"
    NEVER = "never"


class TimesPolicy(NamedTuple):
    """What the user says of folder times, and for which paths another thing."""

    default: TrustTimes = TrustTimes.AUTO
    paths: Mapping[LocalPath, TrustTimes] = {}

    def of(self, path: str) -> TrustTimes:
        """What holds for a path: the word for the deepest of those that it lies in or is."""
        fitting = [one for one in self.paths if is_below(LocalPath(path), one)]
        return self.paths[max(fitting, key=len)] if fitting else self.default

    def why_not(self, root: LocalPath, kind: str | None, *, caught: bool) -> str | None:
        """Why a root folder on such a file system is not trusted, in words for the user; None if it is."""
        match self.of(root):
            case TrustTimes.NEVER:
                return "disk.trust_times says so"
            case TrustTimes.AUTO if caught:
                return "they were caught lying"
            case TrustTimes.AUTO if kind not in PROMISED:
                return f"{kind or 'its file system, which is not known,'} does not promise them"
        return None

    def within(self, root: LocalPath) -> TrustTimes | None:
        """What holds for everything in a folder; None if it is not one thing."""
        one = self.of(root)
        others = (word for path, word in self.paths.items() if path != root and is_below(path, root))
        return None if any(word is not one for word in others) else one


AUTO: Final = TimesPolicy()
