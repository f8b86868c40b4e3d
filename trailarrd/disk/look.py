"""One look at one item's folder, which is listed only if it is not as it was; and whether its times lied."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trailarrd.disk.folder import FolderLook, LookRequest
from trailarrd.disk.spelling import spellings_below
from trailarrd.disk.witness import is_there
from trailarrd.domain.keys import file_hash
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.trailers import home_of, name_at_home

if TYPE_CHECKING:
    from trailarrd.disk.roots import Scandir
    from trailarrd.disk.signature import Signatures
    from trailarrd.domain.plan import Observation


def look(request: LookRequest, signatures: Signatures, scandir: Scandir) -> Observation | None:
    """Look at a folder; None if it is as its signature says. Trouble of the disk never raises."""
    if request.signature and not request.due and not signatures.times.never:
        main_file = request.main_file
        within = main_file is not None and "/" in main_file
        home = _home(request) if within else request.folder
        try:
            if signatures.still_fits(request.signature, home) and not (within and _is_lost_apart(request)):
                return None
        except FileNotFoundError:
            # A server says é as one letter, a share may keep it as two.
            if _is_so_in_another_spelling(request, home, signatures) and not _is_lost_apart(request):
                return None
        except (OSError, ValueError):  # for the listing to tell
            pass
    one = FolderLook(request, signatures, scandir)
    seen = one.run()
    if request.due and one.settled and _was_hidden(request, seen, signatures):
        signatures.times.note_lie(request.folder)
    return seen


def _was_hidden(request: LookRequest, seen: Observation, signatures: Signatures) -> bool:
    """Whether the folder's times stand still although its trailer is another one than before.

    That is asked after the listing, too: a trailer that came in between moved them. Not to be asked of a
    look that hangs on more than the folder.
    """
    if not (request.signature and seen.tells) or file_hash(seen.file) == request.trailer_hash:
        return False
    with suppress(OSError, ValueError):
        return signatures.still_fits(request.signature, _home(request))
    return False


def _home(request: LookRequest) -> LocalPath:
    """Where the item's own video lies, and so its trailers; most often the item's folder."""
    return LocalPath(f"{request.folder}/{home_of(request.main_file)}".rstrip("/"))


def _is_lost_apart(request: LookRequest) -> bool:
    """Whether the item's own file is gone from a folder that no signature stands for, such as a disc's."""
    if not request.has_file or request.main_file is None or "/" not in name_at_home(request.main_file):
        return False
    places = spellings_below(LocalPath(f"{request.folder}/{request.main_file}"), request.root)
    return not any(is_there(place) for place in places)


def _is_so_in_another_spelling(request: LookRequest, home: LocalPath, signatures: Signatures) -> bool:
    for spelling in spellings_below(home, request.root):
        if spelling == home:
            continue
        try:
            return signatures.still_fits(request.signature, spelling)
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return False
    return False
