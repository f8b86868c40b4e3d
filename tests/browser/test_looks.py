"""What holds for every page, at the size of a phone and of a desktop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.browser.conftest import WINDOWS, visiting
from tests.browser.scene import TOYS, live_through_a_month
from tests.depth import IS_DEEP
from trailarrd.testing import Refusal

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.browser.conftest import SceneOpener, Visitor, Window
    from tests.browser.scene import Scene

PAGES = (
    "/",
    "/media",
    "/media?q=nothing+at+all",
    "/media/1",
    "/history",
    "/system",
    "/add",
    "/changes",
    "/downloads",
)


LOOKS: Final = WINDOWS if IS_DEEP else {name: WINDOWS[name] for name in ("phone-light", "desktop-dark")}


@pytest.mark.deep
async def test_no_page_excludes_anybody_nor_makes_the_browser_complain(
    browser: Browser, scene_of: SceneOpener, subtests: pytest.Subtests
) -> None:
    """Each size in one scheme; in both under `./dev deep`."""

    async def look(scene: Scene, visitor: Visitor) -> None:
        await visitor.page.goto(f"{scene.url}/login")
        assert await visitor.violations() == []
        await visitor.sign_in(scene.token)
        for path in PAGES:
            await visitor.go(path)
            assert (path, await visitor.violations()) == (path, [])
        await visitor.go("/media")
        await visitor.page.click("#view-posters")
        loaded = "document.querySelector('.poster img').naturalWidth > 0"
        await visitor.page.wait_for_function(loaded)
        assert ("posters", await visitor.violations()) == ("posters", [])
        await visitor.page.click("#open-1, [data-sheet] >> nth=0")
        await visitor.page.locator("#sheet[open] #item").wait_for()
        assert ("sheet", await visitor.violations()) == ("sheet", [])

    async with scene_of(movies=82, series=12, download=TOYS) as scene:
        await live_through_a_month(scene)
        scene.household.series.server.fault = Refusal()
        await scene.daemon.pollers["series"].request()
        for name, window in LOOKS.items():
            with subtests.test(window=name):
                async with visiting(browser, scene, window) as visitor:
                    await look(scene, visitor)


async def test_the_whole_page_can_be_used_by_keyboard(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=3) as scene, visiting(browser, scene, window) as visitor:
        await visitor.sign_in(scene.token)
        await visitor.go("/media")
        keyboard = visitor.page.keyboard
        await keyboard.press("Tab")
        await keyboard.press("Enter")  # the first stop skips to the content
        assert await visitor.page.evaluate("document.activeElement.id") == "main"
        await visitor.page.focus("#row-no-1")
        await keyboard.press("Enter")
        await visitor.page.locator("#row-no-1[aria-pressed=true]").wait_for()
        assert await visitor.page.evaluate("document.activeElement.id") == "row-no-1"
        await visitor.page.focus("#open-1")
        await keyboard.press("Enter")
        await visitor.says("#sheet h2", "Why it is not monitored")
        assert await visitor.violations() == []
        await keyboard.press("Escape")
        await visitor.page.locator("#sheet").wait_for(state="hidden")
        assert await visitor.page.evaluate("document.activeElement.id") == "open-1"


async def test_without_its_script_the_page_still_shows_finds_and_turns_over(
    browser: Browser, scene_of: SceneOpener
) -> None:
    async with scene_of(movies=120) as scene:
        context = await browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(f"{scene.url}/login")
        await page.fill("#key", scene.token)
        await page.click("#enter")
        await page.goto(f"{scene.url}/media")
        await page.click("#page-next")
        assert "51–100" in await page.inner_text("#found")
        await page.select_option("#filter-trailer", "present")
        await page.click("#filter-go")
        assert "Nothing fits." in await page.inner_text("#table")
        await context.close()
