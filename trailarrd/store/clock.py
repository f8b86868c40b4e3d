"""What time it is for a database: where several hosts share one, it must be the same for all of them."""

from datetime import UTC, datetime, timedelta
from typing import Final

_TOLERATED: Final = timedelta(seconds=1)
"""By so much a host's clock may be wrong, and an answer be late, without a word."""


class Clock:
    """This host's; once its server was heard, that one's, if this host's is wrong."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        """How far the server's is ahead of this host's."""

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def heard(self, server: datetime, asked: datetime) -> None:
        """The server's time, for which it was asked at a time of this host."""
        took = datetime.now(UTC) - asked
        ahead = server - asked - took / 2
        if timedelta() <= took <= _TOLERATED and abs(ahead - self._ahead) > _TOLERATED:
            self._ahead = ahead if abs(ahead) > _TOLERATED else timedelta()
