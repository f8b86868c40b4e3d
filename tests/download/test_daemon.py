"""Downloads in a daemon that runs: by the command line, by the API, and seen by the next look."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from msgspec import convert

from tests.blank import lay_blank
from tests.cli.conftest import CommandLine, _logging_as_before
from tests.household import Household, open_household
from tests.shipped import TOY_PLUGIN, shipped_plugins
from tests.web.conftest import Client, Stage
from trailarrd.cli.downloads import _until
from trailarrd.cli.output import iso
from trailarrd.config import load
from trailarrd.daemon.daemon import start_daemon
from trailarrd.discovery.plugins import downloaders_by_name, providers_by_name
from trailarrd.discovery.record import Offer
from trailarrd.documents.downloads import DownloadItem
from trailarrd.plugin import Equipment, Lack
from trailarrd.testing.site import SimulatedSite
from trailarrd.testing.toy import TOY, Toy

__all__ = ["_logging_as_before"]

SETTINGS = (
    "download: {min_free: 0 B, pause: {from: 0s, to: 0s}, length: {from: 3s, to: 5min}}\n"
    "refresh: {interval: 1h}\n"
)
LACK: dict[str, Any] = {"fact": "it is old", "advice": "buy a new one", "blocking": False}


class Advised(Toy):
    """A toy that could do with something."""

    async def examine(self) -> Equipment:
        return Equipment(lacks=(Lack(**LACK),))


PLUGIN = replace(TOY_PLUGIN, offers=(Offer("downloader", replace(TOY, build=Advised)),))


@dataclass
class House:
    household: Household
    stage: Stage
    client: Client
    type: CommandLine
    site: SimulatedSite

    @property
    def trailer(self) -> Path:
        """Where Alpha's belongs."""
        return self.household.movies.place(1) / "Trailers" / "Alpha (2001).mp4"


@pytest.fixture
async def house(tmp_path: Path, site: SimulatedSite, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.delenv("TRAILARRD_CONFIG", raising=False)
    monkeypatch.setenv("COLUMNS", "300")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    plugins = [*(one for one in shipped_plugins() if not one.downloaders), PLUGIN]
    providers = providers_by_name(plugins)
    async with open_household(tmp_path / "home") as household, aiohttp.ClientSession() as session:
        household.settings, household.http = SETTINGS, "{enabled: false}"
        household.write_config()
        lay_blank(household.database.path)
        await asyncio.sleep(0.03)  # of a file that is being written nobody is sure
        settings = load(
            household.config,
            providers=providers,
            environ=household.environ,
            downloaders=downloaders_by_name(plugins),
        )
        async with start_daemon(settings, providers, plugins) as daemon:
            stage = Stage(household, daemon, session)
            await stage.settle()
            async with stage.client(rate_limit=0) as client:
                owner = client.knowing(await stage.key())
                yield House(household, stage, owner, CommandLine(household), site)


def of(listed: Any, title: str) -> Any:
    return next(item for item in listed["items"] if (item["connection"], item["title"]) == ("movies", title))


async def test_it_comes_home_by_the_command_line_and_the_next_look_sees_it(house: House) -> None:
    listed = (await house.client.get("downloads")).document
    assert (listed["preview"], listed["total"]) == (True, 6)
    assert sum(listed["reasons"].values()) == 6
    for why, count in listed["reasons"].items():
        assert (await house.client.get("downloads", why=why)).document["total"] == count
    alpha = of(listed, "Alpha")
    assert (alpha["state"], alpha["why"], alpha["downloader"]) == ("waiting", "no-downloader", None)
    number = str(alpha["id"])

    url = f"{house.site.url}/good.mp4"
    told = await house.type("download", number, "--url", url, "--dry-run")
    assert (told.code, told.out) == (0, f"Alpha: {url} by toy to {house.trailer.with_suffix('')}\n")
    assert len(house.site.asked) == 1
    gone = await house.type("download", number, "--url", f"{house.site.url}/404/good.mp4", "--dry-run")
    assert (gone.code, gone.out) == (1, "Alpha: 127.0.0.1 has no such video\n")
    assert not house.trailer.exists()

    done = await house.type("download", number, "--url", url, "--wait", "--now")
    assert (done.code, done.out) == (0, f"Alpha: {house.trailer}\n"), done.err
    item = (await house.client.get(f"media/{number}")).document
    assert (item["trailer"], item["trailer_file"], item["status"]) == (
        *("present", "Trailers/Alpha (2001).mp4", "downloaded"),
    )
    events = (await house.client.get("history", id=number)).document["items"]
    assert {"downloaded", "trailer-appeared", "address-chosen"} <= {event["event"] for event in events}
    metrics = (await house.client.get("/metrics")).content.decode()
    site = house.site.url.removeprefix("http://")
    assert f'trailarrd_downloads_total{{outcome="placed",site="{site}"}} 1.0' in metrics

    other = f"{url}?toy=reject"
    walled = await house.type("download", number, "--url", other, "--wait", "--now")
    assert (walled.code, walled.out, "the toy wants a key" in walled.err) == (1, "", True)
    for words in (("stop", number), ("retry",)):
        assert (await house.type("downloads", *words)).code == 0
    again = await house.type("download", number, "--url", url, "--wait", "--now")
    assert (again.code, again.out) == (0, done.out), again.err
    off = house.household.config.with_name("off.yaml")
    off.write_text(house.household.config.read_text().replace(SETTINGS, ""))
    assert "download:" not in off.read_text()
    gone = await house.type.bare("--config", str(off), "downloads", "delete", number)
    assert (gone.code, house.trailer.exists()) == (0, False), gone.err
    await house.stage.refresh()
    item = (await house.client.get(f"media/{number}/download")).document
    assert (item["state"], item["failure"], item["own_url"]) == ("refused", "unwanted", True)
    assert item["told"].endswith(": you had the trailer deleted that came from there")
    forgotten = await house.type("downloads", "forget-url", number)
    assert forgotten.code == 0, forgotten.err
    table = await house.type("downloads")
    assert table.code == 0
    assert "preview: nothing is downloaded" in table.err
    assert "no installed downloader takes such an address" in " ".join(table.out.split())


async def test_what_is_refused_changes_nothing_and_says_why(house: House) -> None:
    house.household.movies.put(1, "stranger-trailer.mkv")
    await house.stage.refresh()
    url = f"{house.site.url}/good.mp4"
    rows = (await house.client.get("media", connection="movies")).document["items"]
    ids = {row["title"]: row["id"] for row in rows}

    async def ask(title: str, url: str | None) -> Any:
        return await house.client.post(f"media/{ids[title]}/download", {"url": url})

    await house.client.post("claims", {"id": ids["Beta"], "owner": "another"})
    for title, reason in (
        ("Alpha", "a trailer that is not ours lies there: stranger-trailer.mkv"),
        ("Beta", "another program has claimed it (another)"),
    ):
        refused = await house.type("download", str(ids[title]), "--url", url)
        assert (refused.code, f"item {ids[title]}: {reason}" in refused.err) == (1, True)
    for bad in ("ftp://example.org/1", "https://anna:secret@example.org/", "https://"):
        assert (await ask("Gamma", bad)).status == 422
    assert (await house.client.post("downloads", {"ids": [999]})).document["unknown"] == [999]
    reserved = await house.client.post("claims", {"id": ids["Gamma"], "owner": "download:x"})
    assert (reserved.status, "are reserved" in str(reserved.document)) == (422, True)
    claimed = await house.type("claim", str(ids["Gamma"]), "--as", "download:x")
    assert (claimed.code, "trailarrd's own" in claimed.err) == (2, True)


async def test_an_item_is_named_by_title_or_path_and_several_that_fit_are_listed(house: House) -> None:
    house.household.movies.add("Omega", 2009)
    await house.stage.refresh()
    rows = (await house.client.get("media")).document["items"]
    omega = next(row["id"] for row in rows if row["title"] == "Omega")
    folder = next(row["local_path"] for row in rows if row["id"] == omega)
    for command in (["download", "--url", f"{house.site.url}/stall/good.mp4"], ["downloads", "stop"]):
        for one in ("a", "nothing like it"):
            told = await house.type(*command, one)
            assert told.code == 1
            assert ("items fit" in told.err) == ("Beta" in told.out) == (one == "a")
    assert (await house.client.get(f"media/{omega}/download")).document["asked_at"] is None
    assert (await house.type("download", "mega", "--url", f"{house.site.url}/stall/good.mp4")).code == 0
    item = convert((await house.client.get(f"media/{omega}/download")).document, DownloadItem)
    assert item.until
    assert _until(item, iso) == f", until {iso(item.until)}; with --now it begins at once"
    assert (await house.type("downloads", "stop", folder)).code == 0
    assert (await house.client.get(f"media/{omega}/download")).document["state"] == "stopped"


async def test_an_address_from_afar_stays_in_the_public_internet(house: House) -> None:
    rows = (await house.client.get("media", connection="movies")).document["items"]
    number = next(row["id"] for row in rows if row["title"] == "Gamma")
    for host in ("127.0.0.1", "169.254.169.254", "localhost", "[::1]", "10.0.0.1:80"):
        refused = await house.client.post(f"media/{number}/download", {"url": f"http://{host}/x"})
        assert (refused.status, "no address of the public internet" in str(refused.document)) == (422, True)
    assert (await house.client.get(f"media/{number}/download")).document["own_url"] is False
    assert house.site.asked == []


async def test_a_site_that_lets_nobody_in_is_in_the_list_the_health_and_the_exit_codes(house: House) -> None:
    folder = str(house.household.movies.place(1))
    done = await house.type("download", folder, "--url", f"{house.site.url}/429/good.mp4", "--wait", "--now")
    assert (done.code, "its site lets nobody in just now: 127.0.0.1 wants to be left alone" in done.err) == (
        1,
        True,
    )
    for words in (["downloads"], ["downloads", "list"], ["status"]):
        told = await house.type(*words)
        assert (told.code, "127.0.0.1 wants to be left alone; the next try is at" in told.out + told.err) == (
            1,
            True,
        )
    assert (await house.type("downloads", "retry")).code == 0


async def test_a_stop_ends_what_runs_and_it_is_shown_meanwhile(house: House) -> None:
    rows = (await house.client.get("media", connection="movies")).document["items"]
    number = next(row["id"] for row in rows if row["title"] == "Gamma")
    url = f"{house.site.url}/stall/good.mp4"
    await house.type("download", str(number), "--url", url, "--now")
    async with asyncio.timeout(20):
        while not (item := (await house.client.get(f"media/{number}/download")).document)["percent"]:
            await asyncio.sleep(0.02)
    assert (item["state"], item["step"], item["percent"]) == ("downloading", "downloading", 50)
    (claim,) = (await house.client.get("claims")).document["items"]
    assert (claim["percent"], claim["words"], claim["owner"][:9]) == (50, "downloading", "download:")
    table = (await house.type("media")).out.splitlines()
    assert "status" in table[1]
    assert [line.split()[2] for line in table if " downloading " in line] == ["Gamma"]
    (line,) = (await house.type("media", "--status", "downloading", "--json")).out.splitlines()
    assert (json.loads(line)["id"], json.loads(line)["status"]) == (number, "downloading")
    stopped = await house.type("downloads", "stop", str(number))
    assert stopped.code == 0, stopped.err
    item = (await house.client.get(f"media/{number}/download")).document
    assert (item["state"], item["step"]) == ("stopped", None)
    assert "status" not in (await house.type("media")).out


async def test_without_the_setting_there_is_nothing(tmp_path: Path, site: SimulatedSite) -> None:
    async with open_household(tmp_path / "home") as household:
        lay_blank(household.database.path)
        told = await CommandLine(household)("download", "1", "--url", site.url)
        delete = await CommandLine(household)("downloads", "delete", "1")
    assert (told.code, "downloads are off" in told.err.lower()) == (2, True)
    assert (delete.code, "no item has the ID 1" in delete.err) == (1, True), (
        "what they have left is there still"
    )


async def test_downloaders_are_listed_and_one_that_cannot_be_updated_says_so(house: House) -> None:
    listed = (await house.client.get("downloaders")).document
    assert listed == {
        "items": [{"name": "toy", "version": None, "released": None, "updates": False, "lacks": [LACK]}]
    }
    table = await house.type("downloaders")
    assert table.code == 0
    assert "toy" in table.out
    shown = await house.type("downloaders", "show", "toy")
    told = "toy: no version is told\n  warning  it is old\n           buy a new one\n"
    assert (shown.code, shown.out) == (0, told)
    status = await house.type("status")
    assert (status.code, "toy: it is old: buy a new one" in status.err) == (0, True)
    refused = await house.type("downloaders", "update", "toy")
    assert refused.code == 1
    assert "toy has nothing that could be updated" in refused.err
    unknown = await house.type("downloaders", "rollback", "nobody")
    assert unknown.code == 2
    assert "no downloader is called 'nobody'" in unknown.err
