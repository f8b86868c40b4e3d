"""What a process that runs for long does with its memory."""

import gc
from typing import Any

from trailarrd.concurrency import in_thread


def freeze_startup_objects() -> None:
    """Leave all that was made so far out of every later garbage collection.

    What a start makes (modules, models, tables) stays to the end, some hundred thousand objects. To go
    through them again and again finds nothing, doubles the time of a small refresh, and holds the event
    loop for a tenth of a second each time. Later it is looked for garbage after so many new objects that each
    look is short.
    """
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


async def give_back_freed() -> None:
    """Let the system have what was freed; without it a refresh of 10,000 items leaves 7 MiB to nobody.

    glibc keeps what is free between two things that are still in use, in case that it is wanted again. Other
    C libraries are left to themselves.
    """
    import ctypes  # noqa: PLC0415  # a start does without

    trim: Any = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        await in_thread(lambda: trim(0), "memory")
