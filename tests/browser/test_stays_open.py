"""A browser that stays open: many tabs, a daemon that restarts, a session that ends, and the way back."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Visitor, visiting
from trailarrd.config.model import HttpSettings
from trailarrd.web.application import public_application
from trailarrd.web.server import listen, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.browser.conftest import SceneOpener, Window
    from tests.browser.scene import Scene


@asynccontextmanager
async def server(scene: Scene, port: int = 0) -> AsyncIterator[int]:
    """Another HTTP server before the same database, as after a restart; its port."""
    opened = listen("127.0.0.1", port)
    application = public_application(scene.daemon.asked(), HttpSettings(rate_limit=0))
    async with serving(application, opened):
        yield opened.getsockname()[1]


async def test_an_open_page_goes_on_after_a_restart_and_nobody_signs_in_again(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=4) as scene, visiting(browser, scene, window) as visitor:
        async with server(scene) as port:
            visitor.url = f"http://127.0.0.1:{port}"
            await visitor.sign_in(scene.token)
        await visitor.says("#line", "reconnecting")
        await visitor.page.click("#refresh-1")
        await visitor.says("#said", "trailarrd does not answer")
        async with server(scene, port):
            await visitor.says("#line", "live")
            await visitor.press("#refresh-1")
        visitor.complaints.clear()  # that it was away, the browser says, too


async def test_eight_tabs_share_one_stream_and_all_of_them_follow(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=4) as scene, visiting(browser, scene, window) as visitor:
        await visitor.sign_in(scene.token)
        tabs = [Visitor(await visitor.page.context.new_page(), scene.url) for _ in range(7)]
        for tab in tabs:
            await tab.go("/media")
        await scene.daemon.store.set_intent([2], intent=False, at=scene.daemon.asked().clock())
        for tab in tabs:
            await tab.page.bring_to_front()
            await tab.page.locator("#row-no-2[aria-pressed=true]").wait_for()
        assert [tab.complaints for tab in tabs] == [[]] * 7


async def test_each_filter_is_a_step_back_and_the_sheet_has_an_address(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=6) as scene, visiting(browser, scene, window) as visitor:
        await visitor.sign_in(scene.token)
        await visitor.go("/media")
        page = visitor.page
        await page.locator("#more summary").click()
        await page.select_option("#filter-trailer", "present")
        await visitor.says("#table", "Nothing fits.")
        await page.select_option("#filter-trailer", "")
        await page.click("#open-2")
        await page.locator("#sheet[open] #item").wait_for()
        assert page.url.endswith("/media?item=2"), page.url
        await page.reload()
        await page.locator("#sheet[open] #item").wait_for()
        await visitor.press("#item-no-2")  # its message is above the sheet
        assert await page.locator("#sheet .said.on").is_visible()
        await page.click("#sheet .said-undo")
        await page.locator("#item-auto-2[aria-pressed=true]").wait_for()
        await page.go_back()
        await page.locator("#sheet").wait_for(state="hidden")
        await page.go_back()
        await visitor.says("#table", "Nothing fits.")
        assert await page.input_value("#filter-trailer") == "present"


async def test_who_is_signed_out_signs_in_and_is_where_he_was(
    browser: Browser, scene_of: SceneOpener, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.web.sessions._AGE", 0.0)
    async with scene_of(movies=6) as scene, visiting(browser, scene, window) as visitor:
        await visitor.sign_in(scene.token)
        await visitor.go("/media?monitored=yes")
        for session in await scene.daemon.store.sessions():
            await scene.daemon.store.close_session(session.digest)
        await scene.daemon.store.set_intent([2], intent=False, at=scene.daemon.asked().clock())
        await visitor.page.wait_for_url("**/login?next=*")
        await visitor.page.fill("#key", scene.token)
        await visitor.page.click("#enter")
        await visitor.page.wait_for_url("**/media?monitored=yes")
