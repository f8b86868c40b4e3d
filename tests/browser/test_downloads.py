"""Downloads on the page: an address is given, how far it is is seen, it is stopped, watched and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.conftest import Visitor, visiting
from tests.browser.scene import TOYS
from trailarrd.testing import SimulatedSite

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.browser.conftest import SceneOpener, Window
    from tests.browser.scene import Scene


async def wanted(scene: Scene) -> int:
    """An item that an address is all that is missing of."""
    desk = scene.daemon.asked().desk()
    assert desk
    return next(one.id for one in (await desk.listing(limit=9)).items if one.why == "no-downloader")


async def watched(visitor: Visitor, number: int) -> None:
    await visitor.page.click(f"#watch-{number}")
    video = visitor.page.locator("#sheet video")
    await video.evaluate("async (one) => { one.muted = true; await one.play(); }")
    assert 3 < float(await video.evaluate("(one) => one.duration")) < 6
    await visitor.page.click("#sheet-close")


async def refused(visitor: Visitor, scene: Scene, unwanted: int) -> None:
    """The page still has its button when somebody has just said that he does not want this one."""
    await scene.daemon.store.set_intent([unwanted], intent=False, at=scene.daemon.asked().clock())
    await visitor.page.bring_to_front()
    await visitor.go(f"/media/{unwanted}")
    await visitor.page.click(f"#item-ask-{unwanted}")
    await visitor.says(".said.bad", "Not done: ")


async def test_from_the_address_to_the_trailer_in_two_tabs(
    browser: Browser, scene_of: SceneOpener, window: Window, clips: Path
) -> None:
    with SimulatedSite(clips) as site:
        async with (
            scene_of(movies=4, download=TOYS) as scene,
            visiting(browser, scene, window) as visitor,
        ):
            await visitor.sign_in(scene.token)
            await visitor.page.keyboard.type("gd")
            await visitor.says("#downloads-now", "This is a preview")
            number = await wanted(scene)
            await visitor.page.locator(f"#download-{number}").wait_for()
            other = Visitor(await visitor.page.context.new_page(), scene.url)
            await other.go(f"/media/{number}")
            await visitor.page.bring_to_front()

            async def fetch(path: str) -> None:
                await visitor.page.click(f"#other-{number} summary")
                await visitor.page.fill(f"#url-{number}", f"{site.url}/{path}")
                await visitor.press(f"#fetch-{number}")
                await visitor.press(f"#now-{number}")

            await fetch("stall/good.mp4")
            await visitor.says("#downloads-now .bar-percent", "50 %")
            assert await visitor.violations() == []
            await other.page.bring_to_front()
            await other.says("#item .bar-percent", "50 %")
            await other.press(f"#item-stop-{number}")
            await other.says("#item .download-state", "You stopped it.")
            await visitor.page.bring_to_front()
            await visitor.says(f"#download-{number}", "You stopped it.")

            await fetch("429/good.mp4")
            await visitor.says(".sites", "lets nobody in until")
            await visitor.press(f"#stop-{number}")
            await visitor.page.click(".said-undo")
            await visitor.says(f"#download-{number}", "Its site lets nobody in just now")
            await visitor.press(f"#stop-{number}")
            await visitor.press("#retry-all")
            await visitor.page.locator(".sites .bad").wait_for(state="detached")

            await fetch("good.mp4")
            await watched(visitor, number)
            await visitor.press(f"#came-delete-{number}", sure=True)
            await visitor.says("#came", "Nothing yet.")
            await visitor.go("/media")
            await visitor.page.check(f"#pick-{number}")
            await visitor.press("#picked-download")
            await visitor.page.click(".said-undo")
            await visitor.says(".said", "Undone")
            await visitor.go("/downloads")
            await visitor.press(f"#retry-{number}")
            await visitor.press(f"#drop-{number}")
            await visitor.says(f"#download-{number}", "No installed downloader takes such an address.")

            await refused(other, scene, 1 if number != 1 else 2)
            assert other.complaints == []
