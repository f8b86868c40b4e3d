"""A connection is added in the browser, as a file of its own; what a hand wrote stays as it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.world import KEY

if TYPE_CHECKING:
    from tests.web.conftest import Answer, Client, Stage

WANT = {"only-genres-movies-2": "Drama, It's", "only-years-movies-2": "1990-", "never-tags-movies-2": "kids"}
FORM = {"mode-movies-2": "new", "fileless-movies-2": "on", "choosy-movies-2": "on", **WANT}


async def post(client: Client, path: str, **form: str) -> Answer:
    return await client.ask("POST", path, data=form, allow_redirects=False)


async def meet(stage: Stage, client: Client) -> None:
    """The same server by another name of this host, as the first one is known already."""
    url = stage.household.movies.server.url
    known = await post(client, "/add/server", url=url, key=KEY)
    assert known.status == 422
    assert b"is known already" in known.content
    met = await post(client, "/add/server", url=url.replace("127.0.0.1", "localhost"), key=KEY)
    assert (met.status, met.headers["Location"]) == (303, "/add")
    assert b"movies-2" in (await client.ask("GET", "/add")).content


async def test_one_more_has_a_file_of_its_own_once_the_folder_is_included(
    stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = client.knowing(await stage.key())
    await nobody_else_adds_one(stage, client, owner)
    await meet(stage, owner)
    await there_is_the_text_where_it_cannot_be_written(stage, owner)

    folder, config = stage.household.config.parent / "connections.d", stage.household.config
    folder.mkdir()
    mine = "# mine\ninclude: connections.d/*.yaml\n" + config.read_text()
    config.write_text(mine)
    monkeypatch.setenv("TEST_ARR_KEY", KEY)
    await owner.post("reload")
    wrong = await post(owner, "/add/write", **{**FORM, "only-years-movies-2": "soon"})
    assert b"is no range of years" in wrong.content
    written = await post(owner, "/add/write", **FORM)
    assert (written.status, written.headers["Location"]) == (303, "/"), written.content
    assert sorted(one.name for one in folder.iterdir()) == ["movies-2.key", "movies-2.yaml"]
    assert (folder / "movies-2.key").stat().st_mode & 0o077 == 0
    assert KEY not in (folder / "movies-2.yaml").read_text()
    assert config.read_text() == mine
    one = next(one for one in stage.daemon.settings.connections if one.name == "movies-2")
    want = one.want.want()
    assert (one.monitor, want.without_file, want.only.released) == ("new", True, True)
    assert want.only.genres == ("Drama", "It's")
    assert (str(want.only.years), want.never.tags) == ("1990-", ("kids",))
    async with asyncio.timeout(20):
        while not (await owner.get("media", connection="movies-2")).document.get("total"):
            await asyncio.sleep(0.05)


async def there_is_the_text_where_it_cannot_be_written(stage: Stage, owner: Client) -> None:
    told = await post(owner, "/add/write", **FORM)
    assert told.status == 409
    text = told.content.decode()
    assert "include: connections.d/*.yaml" in text
    assert "provider: radarr" in text
    assert KEY not in text
    assert not (stage.household.config.parent / "connections.d").exists()


async def nobody_else_adds_one(stage: Stage, client: Client, owner: Client) -> None:
    reader = client.knowing(await stage.key("reader", may_write=False))
    for path in ("/add/server", "/add/forget", "/add/write"):
        assert (await post(reader, path)).status == 403
        assert (await post(client, path)).headers["Location"] == "/login?next=/add"
        assert (await post(owner.saying(Origin="https://evil.example"), path)).status == 403
