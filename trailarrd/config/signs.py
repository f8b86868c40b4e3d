"""Whether a file is what it was when it was read."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from trailarrd.config.deadline import in_time

Sign: TypeAlias = tuple[int, ...] | None
"""What a file as it is can be told by; None if it is not there."""
UNSURE: Final[Sign] = ()
"""It was written to while it was read, or may have been: no file has this sign."""


def sign_of(file: Path, stat: Callable[[Path], os.stat_result] = os.stat) -> Sign:
    """Another one once the file was written to, or another file was put in its place."""
    try:
        facts = stat(file)
    except (OSError, ValueError):
        return None
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def are_as_signed(signs: Mapping[Path, Sign]) -> bool:
    """Whether each file has its sign now; raises `ConfigTimeoutError` where nobody answers."""

    def look(files: list[Path]) -> bool:
        for file, sign in signs.items():
            files.append(file)
            if sign_of(file) != sign:
                return False
        return True

    return in_time(look)


def signs_of(files: Iterable[Path], *, since: int) -> Mapping[Path, Sign]:
    """Of files that were read after that moment, in nanoseconds of the epoch, and until now."""
    signs = {file: sign_of(file) for file in files}
    return {file: UNSURE if sign and max(sign[-2:]) >= since else sign for file, sign in signs.items()}
