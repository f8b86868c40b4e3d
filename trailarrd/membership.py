"""Which group of this host lets somebody in who is kept out."""

import grp
import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path


def joining(folder: Path) -> str | None:
    """What to do to be let into a folder by its group; None if it lets no group in."""
    with suppress(OSError, KeyError):  # nobody may look, or its group has no name
        facts = folder.stat()
        if facts.st_mode & stat.S_IXGRP and not facts.st_mode & stat.S_IXOTH:
            group = grp.getgrgid(facts.st_gid).gr_name
            return (
                f"only its user and the members of the group {group!r} may do that:"
                f" 'sudo usermod -aG {group} {_whoever_asks()}', then log in again"
            )
    return None


def _whoever_asks() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return "NAME"
