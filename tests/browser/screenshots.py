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
from tests.browser.scene import Scene, live_through_a_month, open_scene

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

DOCS: Final = Path(__file__).parents[2] / "docs"


PICTURES: Final = (
    ("overview", "/", "desktop", "light"),
    ("overview", "/", "phone", "dark"),
    ("media", "/media", "desktop", "dark"),
    ("media", "/media", "phone", "light"),
)
SIZES: Final = {"desktop": (DESKTOP[0], 1180), "phone": PHONE}


async def make(folder: Path) -> None:
    """Each picture of the list."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("./dev screenshots needs Chromium (Debian: apt install chromium)")
    with tempfile.TemporaryDirectory() as home:
        async with open_scene(Path(home) / "home", movies=412, series=168) as scene:
            await live_through_a_month(scene)
            scene.daemon.lag._worst.clear()  # that setting the stage was work is no news
            async with open_browser(chromium) as browser:
                for name, path, size, scheme in PICTURES:
                    picture = folder / f"page-{name}-{size}.png"
                    await _shoot(browser, scene, path, size, dark=scheme == "dark", picture=picture)


async def _shoot(browser: Browser, scene: Scene, path: str, size: str, *, dark: bool, picture: Path) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page = await context.new_page()
    await sign_in(page, scene)
    await page.route("**/poster", lambda route: route.abort())  # a simulated server's are of one colour
    await page.goto(f"{scene.url}{path}")
    await page.locator("[data-line=on]").wait_for()
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
