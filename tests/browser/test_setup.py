"""Beginning in the browser: a person with a keyboard, from the code to the first page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from structlog.testing import capture_logs

from tests.household import open_household
from tests.shipped import shipped_plugins
from tests.world import KEY
from trailarrd.config.model import HttpSettings
from trailarrd.discovery.plugins import providers_by_name
from trailarrd.doctor import ServerDetector
from trailarrd.runtime.runtime import utc_now
from trailarrd.web.server import address_of, listen, serving
from trailarrd.web.setup.application import setup_application
from trailarrd.web.setup.setup import Setup

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.browser.conftest import Window


@pytest.mark.parametrize("is_writable", [True, False])
async def test_from_the_code_to_the_first_key(
    browser: Browser, window: Window, tmp_path: Path, is_writable: bool
) -> None:
    async with open_household(tmp_path / "home") as household:
        detector = ServerDetector(providers_by_name(shipped_plugins()), str(household.home))
        place = tmp_path / "new" / "trailarrd.yaml"
        if not is_writable:
            (tmp_path / "new").touch()  # a folder of that name there cannot be
        setup = Setup(detector, place, f"sqlite+aiosqlite:///{tmp_path}/new.db", utc_now)
        opened = listen("127.0.0.1", 0)
        url = f"http://{address_of(opened)}"
        with capture_logs() as logs:
            application = setup_application(setup, HttpSettings(rate_limit=0))
            code = next(line["code"] for line in logs if line["event"] == "setup.code")
        async with serving(application, opened):
            page = await browser.new_page(
                viewport={"width": window.width, "height": window.height}, color_scheme=window.scheme
            )
            await page.goto(url)
            assert (await Axe().run(page)).response["violations"] == []
            await page.fill("#code", code)
            await page.keyboard.press("Enter")
            await page.fill("#url", household.movies.server.url)
            await page.fill("#key", KEY)
            await page.keyboard.press("Enter")
            await page.locator("#known-movies", has_text="holds 3 of 3 folders").wait_for()
            assert (await Axe().run(page)).response["violations"] == []
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await page.check("[name=fileless-movies]")
            await page.click("#want-movies summary")
            await page.fill("[name=only-genres-movies]", "Drama, Horror")
            await page.click("#finish")
            if is_writable:
                await page.locator("#first-key").wait_for()
                assert setup.ended.is_set()
                text = await asyncio.to_thread(place.read_text)
                assert "want: {without_file: true, only: {genres: ['Drama', 'Horror']}}" in text
                assert "trailarrd_session" in {one["name"] for one in await page.context.cookies()}
            else:
                assert "provider: radarr" in await page.inner_text("#text")
                assert KEY not in await page.content()
            await page.close()
