"""What happens while somebody looks on, and how a large library looks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.browser.conftest import visiting
from tests.depth import IS_DEEP

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.browser.conftest import SceneOpener, Visitor, Window, WindowsTrier
    from tests.browser.scene import Scene

QUICK = 3.0
"""Seconds, on a machine that does a lot beside; on a free one it is a tenth."""
MANY = 10_000 if IS_DEEP else 2_000


async def test_a_connection_goes_down_and_comes_back_while_one_looks_on(
    scene_of: SceneOpener, at_each_window: WindowsTrier
) -> None:
    async def look_on(scene: Scene, visitor: Visitor) -> None:
        await visitor.sign_in(scene.token)
        down = visitor.page.locator("#health", has_text="movies: connection failed")
        assert not await down.count()
        await visitor.page.evaluate("window.untouched = true")
        server = scene.household.movies.server
        await server.stop()
        await scene.daemon.pollers["movies"].request()
        await down.wait_for()
        await visitor.says(".connection", "failed")
        await server.start()
        await scene.daemon.pollers["movies"].request()
        await down.wait_for(state="detached")
        assert await visitor.page.locator(".connection .trouble").count() == 0
        assert await visitor.page.evaluate("window.untouched"), "the page was loaded anew"

    async with scene_of(movies=6, series=3) as scene:
        await at_each_window(scene, look_on)


async def test_a_change_by_somebody_else_is_seen_and_disturbs_nobody(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=6) as scene, visiting(browser, scene, window) as visitor:
        await visitor.sign_in(scene.token)
        await visitor.go("/media")
        await visitor.page.focus("#row-yes-3")
        now = scene.daemon.asked().clock()
        await scene.daemon.store.set_intent([2], intent=False, at=now)
        await visitor.page.locator("#row-no-2[aria-pressed=true]").wait_for()
        assert await visitor.page.evaluate("document.activeElement.id") == "row-yes-3"


async def test_many_items_are_found_and_turned_over_quickly(
    scene_of: SceneOpener, at_each_window: WindowsTrier
) -> None:
    async def turn_over(scene: Scene, visitor: Visitor) -> None:
        await visitor.sign_in(scene.token)
        took = []
        for act in ("open", "last", "search", "clear"):
            began = time.monotonic()
            match act:
                case "open":
                    await visitor.go("/media")
                    await visitor.says("#found", f"{MANY:,} items")
                case "last":
                    await visitor.page.click("#page-last")
                    await visitor.says("#found", f"{MANY - 49:,}–{MANY:,}")
                case "search":
                    await visitor.page.fill("#filter-q", "lighthouse 1996")
                    await visitor.page.locator("#filter-clear").wait_for()
                    assert f"{MANY:,}" not in await visitor.page.inner_text("#found")
                case "clear":
                    await visitor.page.click("#filter-clear")
                    await visitor.says("#found", f"{MANY:,} items")
            took.append((act, time.monotonic() - began))
        assert [(act, seconds) for act, seconds in took if seconds > QUICK] == []
        assert await visitor.page.locator("table.media tbody tr").count() == 50

    async with scene_of(movies=MANY) as scene:
        await at_each_window(scene, turn_over)
