"""What is told to programs: `--json`, the API's answers, and what a command hears from the daemon.

You are in the right room for a field that scripts read. One module a noun: a Struct whose fields, in
their order, are the keys of the JSON object, and an `of` that makes it of what is known. The command
line prints it, the API answers with it, a command that asks the daemon decodes into it. `docs/json.md`
promises what the fields mean.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, overload

import msgspec


class Document(msgspec.Struct, frozen=True):
    """A JSON object."""

    api_only: ClassVar[tuple[str, ...]] = ()
    """Fields that the API has told from its beginning, and the command line never."""

    def printed(self) -> dict[str, Any]:
        """The same as the command line has it, in what JSON knows."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        for name in self.api_only:
            del told[name]
        return told


@overload
def to_second(moment: datetime) -> datetime: ...
@overload
def to_second(moment: None) -> None: ...
def to_second(moment: datetime | None) -> datetime | None:
    """In UTC, without what is smaller than a second, as documents have their times."""
    return moment and moment.astimezone(UTC).replace(microsecond=0)
