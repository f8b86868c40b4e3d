"""What a downloader tells of itself, and what it can exchange; both are optional."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import pytest

from trailarrd.plugin import Equipment, Examiner, TransferError, Updater
from trailarrd.testing.contract.calls import told
from trailarrd.testing.contract.verdict import fail, require

if TYPE_CHECKING:
    from trailarrd.testing.contract.download.trial import DownloadTrial

_WITHIN: Final = 20.0


class EquipmentChecks:
    """Equipment: what it tells of itself, and going back to the version before."""

    def test_examining_asks_nobody(self, trial: DownloadTrial) -> None:
        """`examine`, if there is one, returns `Equipment` within 20 seconds, and asks nobody for it."""

        async def examined() -> object:
            async with trial.built() as download:
                if not isinstance(download, Examiner):
                    pytest.skip("it has no `examine`")
                return await download.examine()

        try:
            with (
                patch.object(socket, "getaddrinfo", _nobody),
                patch.object(socket.socket, "connect", _nobody),
            ):
                found = trial.within(examined(), _WITHIN)
        except Exception as error:  # noqa: BLE001  # told to the author
            fail(
                f"examine raised {told(error)}",
                do="return what is wrong as a Lack",
                why="`trailarrd check` asks for it when something is wrong, and without a network, too",
            )
        require(
            isinstance(found, Equipment),
            f"examine returned {found!r}",
            do="return Equipment(version=…, lacks=(Lack(…), …))",
            why="`trailarrd check` shows it",
        )

    def test_every_lack_is_told_with_advice(self, trial: DownloadTrial) -> None:
        """Each `Lack` is one line in lower case without a full stop, with what to do about it."""

        async def examined() -> Equipment:
            async with trial.built() as download:
                return await download.examine() if isinstance(download, Examiner) else Equipment()

        for lack in trial.within(examined(), _WITHIN).lacks:
            require(
                lack.fact[:1] == lack.fact[:1].lower()
                and not lack.fact.endswith(".")
                and "\n" not in lack.fact
                and lack.advice,
                f"a Lack says {lack.fact!r}, and to do {lack.advice!r}",
                do="say what is so in lower case and without a full stop, and what to do about it",
                why="people read it in `trailarrd check`",
            )

    def test_there_is_nothing_to_go_back_to_at_first(self, trial: DownloadTrial) -> None:
        """`rollback`, if there is one, raises an error of the contract where nothing was updated yet."""

        async def rolled_back() -> object:
            async with trial.built() as download:
                if not isinstance(download, Updater):
                    pytest.skip("it has no `rollback`")
                try:
                    return await download.rollback()
                except TransferError as error:
                    return error

        ended = trial.within(rolled_back(), _WITHIN)
        require(
            isinstance(ended, TransferError),
            f"rollback returned {ended!r}, and nothing had been updated",
            do="raise TransferRejectedError with the reason",
            why="who goes back to nothing has no downloader any more",
        )


def _nobody(*_: object, **__: object) -> object:
    raise OSError("examine asks nobody")
