"""How soon the list of a large library is seen, and answers a keystroke, in Chromium on a free machine."""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from tests.browser.chromium import DESKTOP, find_chromium, open_browser
from tests.browser.scene import open_scene
from tests.browser.screenshots import sign_in

if TYPE_CHECKING:
    from playwright.async_api import Page

DEBOUNCE = 0.2
"""Seconds that the page waits for the next letter."""
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"


async def measure(items: int, runs: int) -> dict[str, float]:
    """Medians, in seconds."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("this needs Chromium (Debian: apt install chromium)")
    with tempfile.TemporaryDirectory() as home:
        async with open_scene(Path(home) / "home", movies=items) as scene, open_browser(chromium) as browser:
            width, height = DESKTOP
            page = await browser.new_page(viewport={"width": width, "height": height})
            await sign_in(page, scene)
            paints, keys = [], []
            for run in range(runs):
                await page.goto(f"{scene.url}/media")
                await page.locator("[data-line=on]").wait_for()
                paints.append(await page.evaluate(_PAINT))
                keys.append(await _keystroke(page, f"river {1960 + run}"))
            return {"first paint": statistics.median(paints), "keystroke": statistics.median(keys)}


async def _keystroke(page: Page, text: str) -> float:
    """Seconds from the last letter to the list that fits, without the wait for the next one."""
    began = time.monotonic()
    await page.fill("#filter-q", text)
    await page.locator("#filter-clear").wait_for()
    return time.monotonic() - began - DEBOUNCE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for name, seconds in asyncio.run(measure(options.items, options.runs)).items():
        print(f"{name}: {seconds * 1000:.0f} ms of {options.items:,} items")


if __name__ == "__main__":
    main()
