"""What is told to programs: `--json`, the API's answers, and what a command hears from the daemon.

You are in the right room for a field that scripts read. One module a noun: a Struct whose fields, in
their order, are the keys of the JSON object, and an `of` that makes it of what is known. The command
line prints it, the API answers with it, a command that asks the daemon decodes into it. `docs/json.md`
promises what the fields mean.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Self, overload

import msgspec


class Document(msgspec.Struct, frozen=True):
    """A JSON object."""

    api_only: ClassVar[tuple[str, ...]] = ()
    """Fields that the API has told from its beginning, and the command line never."""

    @classmethod
    def like(cls, source: object, **others: Any) -> Self:
        """Made of `others`, and else of the source's fields of the same names, with times to the second."""
        for name in cls.__struct_fields__:
            if name not in others:
                value = getattr(source, name)
                others[name] = to_second(value) if isinstance(value, datetime) else value
        return cls(**others)

    def printed(self) -> object:
        """The same as the command line has it, to be encoded as JSON."""
        if not self.api_only:
            return self
        told = msgspec.structs.asdict(self)
        for name in self.api_only:
            del told[name]
        return told


@overload
def to_second(moment: datetime) -> datetime: ...
@overload
def to_second(moment: None) -> None: ...
def to_second(moment: datetime | None) -> datetime | None:
    """In UTC, without what is smaller than a second, as documents have their times."""
    return moment and _to_second(moment)


@lru_cache(maxsize=64)  # many items of a list changed in the same refresh
def _to_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
