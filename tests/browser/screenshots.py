"""Makes the pictures of the page in docs/: `./dev screenshots`."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from tests.browser.chromium import DESKTOP, PHONE, find_chromium, open_browser
from tests.browser.scene import TOYS, Scene, live_through_a_month, open_scene
from tests.download.conftest import make_clips
from trailarrd.domain.waiting import Why
from trailarrd.testing import SimulatedSite

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

DOCS: Final = Path(__file__).parents[2] / "docs"


PICTURES: Final = (
    ("overview", "/", "desktop", "light"),
    ("overview", "/", "phone", "dark"),
    ("media", "/media", "desktop", "dark"),
    ("media", "/media", "phone", "light"),
    ("posters", "/media", "desktop", "light"),
    ("downloads", "/downloads", "desktop", "dark"),
)
_ARE_LOADED: Final = """[...document.querySelectorAll(".poster img")].every(
    (one) => one.complete || one.getBoundingClientRect().top > innerHeight)"""
SIZES: Final = {"desktop": (DESKTOP[0], 1180), "phone": PHONE}


async def make(folder: Path) -> None:
    """Each picture of the list."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("./dev screenshots needs Chromium (Debian: apt install chromium)")
    with tempfile.TemporaryDirectory() as home, SimulatedSite(_clips(Path(home))) as site:
        async with open_scene(Path(home) / "home", movies=412, series=168, download=TOYS) as scene:
            await live_through_a_month(scene)
            await _download(scene, site.url)
            async with open_browser(chromium) as browser:
                for name, path, size, scheme in PICTURES:
                    picture = folder / f"page-{name}-{size}.png"
                    scene.daemon.lag._worst.clear()  # that setting the stage is work is no news
                    await _shoot(browser, scene, path, size, dark=scheme == "dark", picture=picture)


def _clips(home: Path) -> Path:
    folder = home / "clips"
    folder.mkdir()
    make_clips(folder)
    return folder


async def _download(scene: Scene, site: str) -> None:
    """Two have come, one is half there, others wait."""
    desk = scene.daemon.asked().desk()
    assert desk
    wanted = [one.id for one in (await desk.listing(limit=9, why=Why.NO_DOWNLOADER)).items]
    for path in ("good.mp4", "good.mp4?again", "portrait.mp4", "stall/good.mp4"):
        await desk.ask([wanted.pop()], f"{site}/{path}", now=True, by="", afar=False)
    await desk.ask([wanted.pop()], f"{site}/good.mp4", now=False, by="", afar=False)
    while not any(one.percent == 50 for one in (await desk.listing(limit=60)).items):
        await asyncio.sleep(0.1)


async def _shoot(browser: Browser, scene: Scene, path: str, size: str, *, dark: bool, picture: Path) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page = await context.new_page()
    await sign_in(page, scene)
    await page.goto(f"{scene.url}{path}")
    await page.locator("[data-line=on]").wait_for()
    if "posters" in picture.name:
        await page.click("#view-posters")
    await page.wait_for_function(_ARE_LOADED)
    await page.screenshot(path=picture)
    await context.close()


async def sign_in(page: Page, scene: Scene) -> None:
    """As the owner."""
    await page.goto(f"{scene.url}/login")
    await page.fill("#key", scene.token)
    await page.click("#enter")
    await page.wait_for_url(f"{scene.url}/")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(make(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS))
