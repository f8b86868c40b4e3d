"""What downloaders tell of themselves and exchange, and that nothing which one does wrong gets further."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from trailarrd.config.download import DownloadSettings
from trailarrd.download.downloaders import Downloaders
from trailarrd.download.transfer import TransferFailedError
from trailarrd.plugin import Equipment, Lack, TransferRejectedError
from trailarrd.testing.toy import TOY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AnswerT = TypeVar("AnswerT")

EQUIPMENT = Equipment(
    version="2", released=date(2026, 1, 2), lacks=(Lack(fact="old", advice="renew it", blocking=False),)
)


class Kept:
    """Has all that is optional; what it raises is what it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    async def examine(self) -> Equipment:
        return self._answer(EQUIPMENT)

    async def update(self) -> str:
        return self._answer("3")

    async def rollback(self) -> str:
        return self._answer("1")

    def _answer(self, answer: AnswerT) -> AnswerT:
        if self._error:
            raise self._error
        return answer

    async def download(self, *_: object) -> Any:
        raise NotImplementedError


@pytest.fixture
def installed(tmp_path: Path) -> Callable[..., Downloaders]:
    def installed(error: Exception | None = None) -> Downloaders:
        kept = replace(TOY, name="kept", build=lambda *_: Kept(error))
        return Downloaders({"kept": kept, "toy": TOY}, DownloadSettings(), tmp_path)

    return installed


async def test_it_tells_what_it_works_with_and_can_be_exchanged(
    installed: Callable[..., Downloaders],
) -> None:
    downloaders = installed()
    assert await downloaders.examined("kept") == (EQUIPMENT, True)
    assert await downloaders.update("kept") == "3"
    assert await downloaders.rollback("kept") == "1"


async def test_one_without_all_that_lacks_nothing_and_cannot_be_updated(
    installed: Callable[..., Downloaders],
) -> None:
    downloaders = installed()
    assert await downloaders.examined("toy") == (Equipment(), False)
    with pytest.raises(TransferFailedError, match="toy has nothing that could be updated"):
        await downloaders.update("toy")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TransferRejectedError("there is no pip"), "there is no pip"),
        (KeyError("oops"), "KeyError: 'oops'"),
    ],
)
async def test_what_it_raises_is_told_and_goes_no_further(
    installed: Callable[..., Downloaders], error: Exception, said: str
) -> None:
    downloaders = installed(error)
    with pytest.raises(TransferFailedError) as raised:
        await downloaders.update("kept")
    assert str(raised.value) == said
    with pytest.raises(TransferFailedError):
        await downloaders.examined("kept")
