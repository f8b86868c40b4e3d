"""Every button does what it says: on a phone, or on a desktop, or under `./dev deep` on both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import trailarrd.web.pages
from tests.browser.conftest import visiting

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.browser.conftest import SceneOpener, Visitor, Window, WindowsTrier
    from tests.browser.scene import Scene

BUTTONS = [
    *("approve-", "approve-vanished-", "ask-", "check-now", "delete-", "discard-", "discard-vanished-"),
    *("drop-", "end-", "forget-", "look-", "now-", "refresh-", "refresh-item-", "retry-", "retry-all"),
    *("revoke-", "stop-", "trust-"),
]
TEMPLATES = Path(trailarrd.web.pages.__file__).parent / "templates"


async def test_the_buttons_of_a_connection(browser: Browser, scene_of: SceneOpener, window: Window) -> None:
    async with scene_of(movies=20, series=3) as scene, visiting(browser, scene, window) as visitor:
        library = scene.household.movies.library
        await visitor.sign_in(scene.token)
        library.add(title="Brand New", year=2026)
        await visitor.press("#refresh-1")
        await visitor.says("#newest", "Brand New")

        library.delete(*range(1, 11))
        await visitor.press("#refresh-1")
        await visitor.says(".held", "10 removals")
        await visitor.press("#approve-1", sure=False)
        assert await _held(scene) == 10
        await visitor.press("#discard-1")
        await visitor.page.locator(".held").wait_for(state="detached")
        assert await _held(scene) == 0
        await visitor.press("#refresh-1")
        await visitor.says(".held", "10 removals")
        await visitor.page.click(".held a")
        await visitor.says("#found", "10 items")
        await visitor.go("/")
        await visitor.press("#approve-1", sure=True)
        await visitor.page.locator(".held").wait_for(state="detached")
        await visitor.says("#connections dd", "11")


async def test_a_folder_that_is_another_one_is_trusted_and_a_connection_that_is_gone_forgotten(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=4, series=3) as scene, visiting(browser, scene, window) as visitor:
        database = scene.household.database
        database.sql("UPDATE roots SET state = 'other-device' WHERE connection_id = 1")
        await visitor.sign_in(scene.token)
        await visitor.press("#trust-1", sure=True)
        scene.daemon.pollers.pop("series")
        database.sql("UPDATE connections SET active = 0 WHERE name = 'series'")
        await visitor.go("/")
        await visitor.press("#forget-2", sure=True)
        await visitor.page.locator("#connection-2").wait_for(state="detached")
        assert database.sql("SELECT name FROM connections") == [("movies",)]


async def test_trailers_that_vanish_are_kept_or_taken_as_gone(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=4) as scene, visiting(browser, scene, window) as visitor:
        database = scene.household.database
        vanish = "UPDATE media SET trailer = 'present', vanishing_since = CURRENT_TIMESTAMP WHERE id < 4"
        await visitor.sign_in(scene.token)
        for button, sure, left in (
            ("#discard-vanished-1", None, "present"),
            ("#approve-vanished-1", True, "absent"),
        ):
            database.sql(vanish)
            await visitor.go("/")
            await visitor.says(".held", "3 trailers")
            await visitor.press(button, sure=sure)
            await visitor.page.locator(".held").wait_for(state="detached")
            assert database.sql("SELECT DISTINCT trailer FROM media WHERE id < 4") == [(left,)]


async def test_your_word_in_the_table_and_in_the_sheet(
    scene_of: SceneOpener, at_each_window: WindowsTrier
) -> None:
    async def have_a_say(scene: Scene, visitor: Visitor) -> None:
        await visitor.sign_in(scene.token)
        await visitor.go("/media")
        for place in ("row", "item"):
            if place == "item":
                await visitor.page.click("#open-2")
                await visitor.page.locator("#item-yes-2").wait_for()
            for button, intent in (("no", 0), ("yes", 1), ("auto", None)):
                await visitor.press(f"#{place}-{button}-2")
                await visitor.page.locator(f"#{place}-{button}-2[aria-pressed=true]").wait_for()
                word = scene.household.database.sql("SELECT intent FROM media WHERE id = 2")
                assert (button, word) == (button, [(intent,)])
        await visitor.page.click("#sheet-close")
        await visitor.page.locator("#sheet").wait_for(state="hidden")

    async with scene_of(movies=4) as scene:
        await at_each_window(scene, have_a_say)


async def test_several_at_once_are_wanted_or_not_and_it_can_be_undone(
    scene_of: SceneOpener, at_each_window: WindowsTrier
) -> None:
    async def choose(scene: Scene, visitor: Visitor) -> None:
        def intents() -> list[tuple[int, int | None]]:
            return scene.household.database.sql("SELECT id, intent FROM media WHERE id < 4 ORDER BY id")

        now = scene.daemon.asked().clock()
        await scene.daemon.store.set_intent([1], intent=True, at=now)
        await scene.daemon.store.set_intent([2, 3], intent=None, at=now)
        await visitor.sign_in(scene.token)
        await visitor.go("/media")
        for number in (1, 2, 3):
            await visitor.page.check(f"#pick-{number}")
        await visitor.says("#picked-count", "3 items selected")
        await visitor.press("#picked-no")
        await visitor.page.locator("#picked").wait_for(state="hidden")
        assert intents() == [(1, 0), (2, 0), (3, 0)]
        await visitor.page.click(".said-undo")
        await visitor.says(".said", "Undone")
        assert intents() == [(1, 1), (2, None), (3, None)]
        await visitor.page.check("#pick-2")
        await visitor.press("#picked-refresh")
        await visitor.page.locator("#picked").wait_for(state="hidden")

    async with scene_of(movies=4) as scene:
        await at_each_window(scene, choose)


async def test_the_further_controls(scene_of: SceneOpener, at_each_window: WindowsTrier) -> None:
    async def try_all(scene: Scene, visitor: Visitor) -> None:
        await visitor.sign_in(scene.token)
        for days in ("7", "365", "30"):
            await visitor.page.click(f"#span-{days}")
            await visitor.page.locator(f"#span-{days}[aria-current]").wait_for()
        await visitor.page.click("#chart-numbers summary")
        await visitor.says("#chart-numbers th", "Wanted")

        await visitor.go("/media")
        for button, text in (
            ("next", "51–100"),
            ("last", "101–130"),
            ("before", "51–100"),
            ("first", "1–50"),
        ):
            await visitor.page.click(f"#page-{button}")
            await visitor.says("#found", text)
        if not await visitor.page.locator("#more[open]").count():
            await visitor.page.click("#more summary")
        for name, value, count in (("connection", "series", "10 items"), ("monitored", "no", "item")):
            await visitor.page.select_option(f"#filter-{name}", value)
            await visitor.says("#found", count)
        await visitor.page.click("#filter-clear")
        await visitor.says("#found", "130 items")

        await visitor.go("/history")
        await visitor.page.click("#page-older")
        await visitor.page.locator("#page-first").click()
        await visitor.page.select_option("#filter-event", "removed")
        await visitor.says("#events", "Nothing fits.")

        await visitor.go("/system")
        await visitor.press("#check-now")
        await scene.key("a-key", may_write=False)
        await visitor.go("/system")
        await visitor.press("#revoke-1", sure=True)
        await visitor.page.locator("#key-a-key").wait_for(state="detached")
        await visitor.page.fill("#new-key input[name=name]", "another")
        await visitor.page.click("#make-key")
        await visitor.says("#made-key", "trailarrd_")
        await visitor.press("#revoke-1", sure=True)
        assert await visitor.page.locator("#end-1").count() == 1
        await visitor.go("/media/1")
        await visitor.press("#look-1")
        await visitor.press("#refresh-item-1")
        await visitor.page.click("#sign-out")
        await visitor.page.wait_for_url("**/login")

    async with scene_of(movies=120, series=10) as scene:
        await at_each_window(scene, try_all)


def test_no_button_that_changes_something_was_forgotten_here() -> None:
    text = "".join(file.read_text() for file in sorted(TEMPLATES.glob("*.html")))
    calls = re.findall(r'button\("[^"]+", "[A-Z]+", .*?, (?:place ~ )?"([a-z-]+)"(?: ~ [\w.]+)?[,)]', text)
    assert sorted(calls) == BUTTONS
    tried = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in BUTTONS if not re.search(rf"#(came-|item-)?{name}", tried)] == []


async def test_who_signed_in_to_read_sees_no_such_button(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=4) as scene:
        token = await scene.key("reader", may_write=False)
        async with visiting(browser, scene, window) as visitor:
            await visitor.sign_in(token)
            for path in ("/", "/media", "/media/1", "/system"):
                await visitor.go(path)
                assert await visitor.page.locator("button[data-path]").count() == 0


async def test_a_key_that_is_revoked_meanwhile_is_told_and_leads_to_the_door(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    async with scene_of(movies=4) as scene:
        await scene.key("another", may_write=True)
        async with visiting(browser, scene, window) as visitor:
            await visitor.sign_in(scene.token)
            await scene.daemon.store.revoke_api_key("owner")
            await visitor.page.wait_for_timeout(2200)  # so long the server remembers keys
            await visitor.page.click("#refresh-1")
            await visitor.page.wait_for_url("**/login")
            assert any("401" in one for one in visitor.complaints)
            visitor.complaints.clear()


async def _held(scene: Scene) -> int:
    return sum(row.held for row in await scene.daemon.store.connections())


async def test_below_a_base_path_all_of_it_works(
    browser: Browser, scene_of: SceneOpener, window: Window
) -> None:
    path = "/trailarrd"
    async with scene_of(movies=4, base_path=path) as scene, visiting(browser, scene, window) as visitor:
        await visitor.sign_in(scene.token)
        await visitor.press("#refresh-1")
        await visitor.page.click("nav >> text=Media")
        await visitor.press("#row-no-1")
        await visitor.page.locator("#row-no-1[aria-pressed=true]").wait_for()
