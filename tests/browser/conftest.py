"""A real browser in front of a real daemon; whatever the browser complains about fails the test."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types

from tests.browser.chromium import DESKTOP, PHONE, find_chromium, open_browser
from tests.browser.scene import Scene, open_scene
from tests.depth import IS_DEEP
from tests.download.conftest import clips

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from typing import Protocol

    from playwright.async_api import Browser, ConsoleMessage, Page

    class SceneOpener(Protocol):
        def __call__(
            self, *, movies: int = 0, series: int = 0, base_path: str = "", download: str = ""
        ) -> AbstractAsyncContextManager[Scene]: ...

    class WindowsTrier(Protocol):
        async def __call__(self, scene: Scene, act: Callable[[Scene, Visitor], Awaitable[None]]) -> None: ...


__all__ = ["clips"]


class Window(NamedTuple):
    """Of a browser."""

    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"


SIZES: Final = {"narrow": (320, 640), "phone": PHONE, "tablet": (820, 1180), "desktop": DESKTOP}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WINDOWS: Final = {
    f"{name}-{scheme}": Window(*size, scheme) for (name, size), scheme in product(SIZES.items(), SCHEMES)
}
TRIED: Final = WINDOWS if IS_DEEP else {"phone-light": WINDOWS["phone-light"]}
"""Where less fits: what only another window could do wrong is tried by `./dev deep`."""


@dataclass
class Visitor:
    """Somebody who looks at the pages of one scene."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote to its console, and errors of scripts."""

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_default_timeout(60_000 if IS_DEEP else 20_000)  # as many browsers as there is room for

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location}")

    async def go(self, path: str) -> None:
        """Open a page, and wait until it follows what happens."""
        await self.page.goto(f"{self.url}{path}")
        await self.page.locator("#line[data-line=on]").wait_for()

    async def sign_in(self, token: str) -> None:
        """With an API key, through the form."""
        await self.page.goto(f"{self.url}/login")
        await self.page.fill("#key", token)
        await self.page.click("#enter")
        await self.page.wait_for_url(f"{self.url}/")
        await self.page.locator("#line[data-line=on]").wait_for()

    async def press(self, selector: str, *, sure: bool | None = None) -> None:
        """A button that changes something; `sure` is the answer to its question, None if it asks none."""
        await self.page.evaluate(
            "for (const one of document.querySelectorAll('.said')) one.replaceChildren()"
        )
        await self.page.click(selector)
        if sure is not None:
            await self.page.locator("#ask[open]").wait_for()
            await self.page.click("#ask-yes" if sure else "#ask-no")
        if sure is not False:
            said = self.page.locator(".said.on:not(:empty)")
            await said.wait_for()
            assert not await self.page.locator(".said.bad").count(), await said.inner_text()

    async def says(self, selector: str, text: str) -> None:
        """Wait until an element says that."""
        await self.page.locator(selector, has_text=text).first.wait_for()

    async def violations(self) -> list[str]:
        """What axe-core finds, and whether one has to scroll sideways."""
        results = await Axe().run(self.page)
        found = [
            f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
            for one in results.response["violations"]
            for node in one["nodes"]
        ]
        over = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return found + [f"{over} pixels too wide"] * (over > 0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's loop is theirs, and `./dev deep` has them in each window.

    Without Chromium there is one line for each file, which says so.
    """
    missing = pytest.mark.skip("not tried in a browser: no Chromium here (Debian: apt install chromium)")
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if {"window", "at_each_window"} & set(item.fixturenames):  # type: ignore[attr-defined]  # tests have them
                item.add_marker(pytest.mark.deep)
            if find_chromium() is None:
                item.add_marker(missing)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests, as to start it is half the work of most; a visitor has nothing of another's."""
    chromium = find_chromium()
    assert chromium
    async with open_browser(chromium) as browser:
        yield browser


@pytest.fixture
def scene_of(browser: Browser, tmp_path: Path) -> SceneOpener:
    """Opens a scene; not before it is known that there is a browser."""

    def opened(
        *, movies: int = 0, series: int = 0, base_path: str = "", download: str = ""
    ) -> AbstractAsyncContextManager[Scene]:
        home = tmp_path / "home"
        return open_scene(home, movies=movies, series=series, base_path=base_path, download=download)

    return opened


@pytest.fixture(params=TRIED)
def window(request: pytest.FixtureRequest) -> Window:
    """A phone's, and under `./dev deep` each."""
    return TRIED[request.param]


@pytest.fixture
def at_each_window(browser: Browser, subtests: pytest.Subtests) -> WindowsTrier:
    """Has a visitor with a phone do it; under `./dev deep` one of each window, in the same scene."""

    async def tried(scene: Scene, act: Callable[[Scene, Visitor], Awaitable[None]]) -> None:
        for name, window in TRIED.items():
            with subtests.test(window=name):
                async with visiting(browser, scene, window) as visitor:
                    await act(scene, visitor)

    return tried


@asynccontextmanager
async def visiting(
    browser: Browser, scene: Scene, window: Window | tuple[int, int]
) -> AsyncIterator[Visitor]:
    """A visitor whose browser has complained about nothing in the end."""
    width, height, scheme = Window(*window)
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    visitor = Visitor(await context.new_page(), scene.url)
    try:
        yield visitor
        assert visitor.complaints == []
    finally:
        await context.close()
