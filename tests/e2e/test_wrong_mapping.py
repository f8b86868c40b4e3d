"""A path mapping that is wrong by one level, from a fresh database to the mended file."""

from __future__ import annotations

import html
import signal
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.household import Household
from tests.world import KEY, Shelf
from trailarrd.testing import RADARR, Hub, SimulatedArr, SimulatedLibrary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path
    from typing import Any

    from tests.e2e.conftest import Daemon, Start

EACH = 6
"""So many movies lie below each root folder, and one of them has a trailer."""


@pytest.fixture(params=[["/movies"], ["/movies", "/more"]], ids=["one root", "two roots"])
async def household(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Household]:
    """The movies in `/movies` are mapped to the folder above theirs, those in `/more` to their own."""
    library = SimulatedLibrary(RADARR, roots=request.param)
    shelf = Shelf(SimulatedArr(library, api_key=KEY, hub=Hub()), tmp_path / "media" / "movies")
    for root in request.param:
        for number in range(EACH):
            record = library.add(title=f"{root[1:]} {number}", year=2000 + number, root=root)
            folder = tmp_path / "media" / record["path"][1:]
            folder.mkdir(parents=True)
            library.set_file(record["id"], has_file=True)
            (folder / str(library.own_file(record["id"]))).write_bytes(b"a video")
        (folder / "the-trailer.mkv").write_bytes(b"a video")
    household = Household(tmp_path, {"movies": shelf}, {"movies": "missing"})
    async with shelf.server:
        yield household


def map_to(household: Household, films: Path) -> None:
    """trailarrd.yaml says that `/movies` is there."""
    media = household.movies.folder.parent
    household.write_config()
    text, (block,) = household.config.read_text(), [f'[{{remote: /movies, local: "{media / "movies"}"}}]']
    more = f'{{remote: /movies, local: "{films}"}}, {{remote: /more, local: "{media / "more"}"}}'
    household.config.write_text(text.replace(block, f"[{more}]"))


async def overview(daemon: Daemon) -> str:
    """What the page of a daemon says that has refreshed."""
    await daemon.until("refresh.finished")
    (line,) = daemon.told("http.listening")
    async with aiohttp.ClientSession() as session, session.get(f"http://{line['address']}/") as answer:
        assert answer.status == 200
        return html.unescape(await answer.text())


async def test_nothing_is_wanted_and_everybody_names_the_mapping_that_fits_until_it_is_written(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    media, roots = household.movies.folder.parent, len(household.movies.library.roots)
    map_to(household, media)
    wrong = f"{media}: {EACH} of {EACH} items' folders do not show the files that the server has"
    fits = f"{{remote: /movies, local: {media / 'movies'}}}"
    refresh = await run("refresh")
    assert (refresh.code, wrong in refresh.err, fits in refresh.err) == (1, True, True)
    status = await run("status")
    assert (status.code, wrong in status.out, fits in status.out) == (1, True, True)
    right = (EACH - 1) * (roots - 1)
    assert len((await run("media", "--wants-trailer", "--json")).lines) == right

    daemon = await start()
    page = await overview(daemon)
    assert (wrong in page, fits in page) == (True, True)
    (told,) = daemon.told("root.elsewhere")
    assert fits in told["reason"]
    map_to(household, media / "movies")
    daemon.process.send_signal(signal.SIGHUP)
    await daemon.until("refresh.finished", outcome="ok")
    assert wrong not in await overview(daemon)
    assert len((await run("media", "--wants-trailer", "--json")).lines) == (EACH - 1) * roots
    assert (await run("status")).code == 0
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
