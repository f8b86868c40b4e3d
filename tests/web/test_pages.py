"""The pages as HTML: what they show, to whom, and what they allow the browser."""

from __future__ import annotations

import asyncio
import gzip
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from trailarrd.web.pages import filters

if TYPE_CHECKING:
    from tests.web.conftest import Answer, Client, Stage

PAGES = ("/", "/media", "/media/1", "/history", "/system")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class Elements(HTMLParser):
    """Every element of a page with its attributes, and all of its text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "

    def values(self, name: str) -> list[str]:
        """What every element says for that attribute."""
        return [attributes[name] or "" for _, attributes in self.found if name in attributes]

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


async def page(client: Client, path: str, **options: str) -> Elements:
    answer = await client.ask("GET", path, allow_redirects=False, params=options)
    assert answer.status == 200, answer.content
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return Elements(answer.content)


async def of(client: Client, path: str) -> Answer:
    return await client.ask("GET", path, allow_redirects=False)


async def test_a_page_may_load_only_what_comes_from_here_and_has_nothing_in_line(
    client: Client, subtests: pytest.Subtests
) -> None:
    for path in [*PAGES, "/login"]:
        with subtests.test(path=path):
            answer = await of(client, path)
            assert answer.headers["Content-Security-Policy"] == POLICY
            assert answer.headers["Cache-Control"] == "no-store"
            elements = Elements(answer.content)
            assert elements.values("style") == []
            assert [name for _, one in elements.found for name in one if name.startswith("on")] == []
            for tag, attributes in elements.found:
                if tag == "script":
                    assert str(attributes["src"]).startswith("/static/")
            assert [link for link in elements.values("src") if "//" in link] == []
            away = [(tag, one) for tag, one in elements.found if "//" in (one.get("href") or "")]
            assert {(tag, one["rel"]) for tag, one in away} <= {("a", "noopener noreferrer")}


async def test_as_soon_as_there_is_a_key_a_stranger_is_sent_to_sign_in(
    stage: Stage, client: Client, subtests: pytest.Subtests
) -> None:
    await stage.key()
    for path in PAGES:
        with subtests.test(path=path):
            answer = await of(client, path)
            door = "/login" if path == "/" else f"/login?next={quote(path, safe='')}"
            assert (answer.status, answer.headers["Location"], answer.content) == (303, door, b"")


async def test_who_may_only_read_sees_everything_and_no_button_that_changes_something(
    stage: Stage, client: Client, subtests: pytest.Subtests
) -> None:
    reader = client.knowing(await stage.key("reader", may_write=False))
    owner = client.knowing(await stage.key())
    for path in PAGES:
        with subtests.test(path=path):
            shown = await page(reader, path)
            assert shown.values("data-method") == []
            assert "may only read" in shown.words
            buttons = (await page(owner, path)).values("data-method")
            assert bool(buttons) == (path != "/history")


async def test_the_first_page_says_whether_all_is_well_and_what_each_connection_has(client: Client) -> None:
    words = (await page(client, "/")).words
    assert "All is well." in words
    assert "movies radarr · mode missing ok" in words
    assert "6 items 0 with trailer 3 wanted 0 unknown" not in words  # series are in mode sync
    assert "6 items 0 with trailer 6 wanted 0 unknown" in words


async def test_of_downloads_that_are_off_there_is_nothing(client: Client) -> None:
    for path in PAGES:
        found = await page(client, path)
        assert [
            one
            for name in ("href", "data-path", "data-address")
            for one in found.values(name)
            if "/download" in one
        ] == []
    assert (await of(client, "/downloads")).status == 404


async def test_a_title_that_looks_like_markup_is_shown_as_it_is(stage: Stage, client: Client) -> None:
    stage.household.movies.add('<script>alert(1)</script> & "Sons" \'n', 2011)
    await stage.refresh()
    found = await page(client, "/media", q="alert")
    assert '<script>alert(1)</script> & "Sons" \'n' in found.words
    scripts = [str(one["src"]).rpartition("/")[2] for tag, one in found.found if tag == "script"]
    assert scripts == ["theme.js", "page.js"]


async def test_the_table_is_narrowed_by_what_its_form_says(client: Client) -> None:
    assert "2 items" in (await page(client, "/media", q="alpha")).words
    assert "1 item " in (await page(client, "/media", q="alpha", connection="movies")).words
    assert "3 items" in (await page(client, "/media", reason="mode-sync")).words
    assert "Nothing fits." in (await page(client, "/media", trailer="present")).words
    assert "2 items" in (await page(client, "/media", years="2002")).words
    assert "3 items" in (await page(client, "/media", kind="movie", changed_since="2020-01-01")).words
    assert "Nothing fits." in (await page(client, "/media", added_since="2040-01-01")).words
    assert "6 items" in (await page(client, "/media", q="", connection="", monitored="yes")).words


async def test_an_address_that_means_nothing_is_a_page_that_says_so(client: Client) -> None:
    for path, status in (("/media?status=lost", 422), ("/media/999", 404), ("/media/x", 404)):
        answer = await of(client, path)
        assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


async def test_a_letter_leads_to_the_page_on_which_it_begins(stage: Stage, client: Client) -> None:
    titles = ["1917", "Ähre", "Äußerst", "Matrix", "матрица"]
    for number, title in enumerate(titles):
        stage.household.movies.add(title, 1990 + number)
    await stage.refresh()
    shown = (await page(client, "/media", size="1", connection="movies")).found
    letters = [one["href"] or "" for tag, one in shown if tag == "a" and "letter=" in (one.get("href") or "")]
    assert [link.rpartition("letter=")[2] for link in letters] == ["%23", "a", "b", "g", "m", "%D0%BC"]
    for link, sort, title in (
        (letters[1], "", "Ähre"),
        (letters[4], "", "Matrix"),
        (letters[4], "-title", "Matrix"),
        (letters[0], "", "1917"),
        (letters[0], "-title", "1917"),
        (letters[5], "", "матрица"),
    ):
        answer = await of(client, f"{link}&sort={sort}")
        there = answer.headers["Location"]
        found = await page(client, there.partition("#")[0])
        opened = [
            one for tag, one in found.found if tag == "a" and one.get("id", "") == there.partition("#")[2]
        ]
        assert (answer.status, len(opened)) == (303, 1), there
        assert title in found.words, there


async def test_a_page_beyond_the_last_is_the_last(client: Client) -> None:
    assert "6 items" in (await page(client, "/media", page="99")).words


async def test_an_item_says_which_row_of_the_table_decided(owner: Client) -> None:
    await owner.ask("PUT", "media/1/intent", json={"intent": False})
    found = await page(owner, "/media/1")
    assert "Why it is not monitored" in found.words
    decided = [one for tag, one in found.found if tag == "li" and one.get("class") == "decides"]
    assert len(decided) == 1
    assert "Your choice is no" in found.words
    assert "Auto, which drops your choice" in found.words
    assert "trailarrd follow" not in found.words


async def test_an_item_leads_to_its_server_by_the_address_for_people(stage: Stage, client: Client) -> None:
    slug = stage.household.movies.library.record(1)["titleSlug"]
    movies = next(one for one in stage.daemon.asked().settings().connections if one.name == "movies")
    path = f"/media/{stage.movie}"
    assert f"{movies.url}/movie/{slug}" in (await page(client, path)).values("href")
    vars(movies)["external_url"] = "https://films.example.org/radarr"
    assert f"https://films.example.org/radarr/movie/{slug}" in (await page(client, path)).values("href")


async def test_the_history_goes_on_on_further_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trailarrd.web.pages.views.EVENTS", 4)
    found = await page(client, "/history")
    (older,) = [link for link in found.values("href") if "before=" in link]
    rest = await page(client, older)
    titles = [link for link in found.values("href") + rest.values("href") if link.startswith("/media/")]
    assert len(titles) == len((await client.get("history")).document["items"][:8])


async def test_the_checks_say_what_the_doctor_found(client: Client) -> None:
    words = ""
    async with asyncio.timeout(20):  # the check of the daemon's start goes on beside it
        while "2 connections" not in words:
            words = (await page(client, "/system")).words
    assert "Nobody needs to do anything." in words


async def test_below_a_base_path_every_link_is_below_it(stage: Stage) -> None:
    async with stage.client(base_path="/trailarrd") as client:
        answer = await of(client, "/trailarrd")
        assert (answer.status, answer.headers["Location"]) == (301, "/trailarrd/")
        for path in PAGES:
            found = await page(client, f"/trailarrd{path}")
            links = found.values("href") + found.values("src") + found.values("action")
            assert [
                link
                for link in links
                if not link.startswith(("/trailarrd/", "#", "https://", "http://127.0.0.1:"))
            ] == []
            for link in found.values("src"):
                assert (await of(client, link)).status == 200


async def test_what_lies_beside_the_pages_may_be_kept_for_ever(client: Client) -> None:
    (script,) = [link for link in (await page(client, "/")).values("src") if "page.js" in link]
    answer = await of(client, script)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    folder = script.rpartition("/")[0]
    assert (await of(client, f"{folder}/other.js")).status == 404
    assert (await of(client, f"{folder}/..%2fsite.py")).status == 404
    assert (await of(client, "/static/earlier/page.js")).headers["Cache-Control"] == "no-store"


async def test_every_file_that_one_beside_the_pages_names_is_there(client: Client) -> None:
    pages = await page(client, "/")
    beside = [link for link in pages.values("href") + pages.values("src") if link.startswith("/static/")]
    folder = beside[0].rpartition("/")[0]
    for link in beside:
        text = (await of(client, link)).content.decode(errors="replace")
        for name in re.findall(r'"\./([a-z]+\.js)"|"src": "([^"]+)"', text):
            assert (await of(client, f"{folder}/{name[0] or name[1]}")).status == 200, (link, name)


async def test_people_see_a_mistake_as_a_page_and_programs_as_a_document(client: Client) -> None:
    for accept, path, kind in (
        ("text/html,*/*", "/no/such/page", "text/html"),
        ("*/*", "/no/such/page", "application/problem+json"),
        ("text/html,*/*", "/api/v1/no/such/route", "application/problem+json"),
    ):
        answer = await client.saying(Accept=accept).ask("GET", path)
        assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (404, kind)
        assert (b"There is nothing here" in answer.content) == (kind == "text/html")


async def test_who_takes_it_packed_gets_a_page_of_fifty_in_thirty_kilobytes(
    stage: Stage, client: Client
) -> None:
    for number in range(60):
        stage.household.movies.add(f"A movie of quite some length, part {number}", 1950 + number)
    await stage.refresh()
    async with stage.session.get(f"{client.url}/media", auto_decompress=False) as answer:
        packed = await answer.read()
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert len(packed) < 30_000
    async with stage.session.get(f"{client.url}/media", headers={"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers
        ago = re.compile(rb">[^<]*</time>")  # a second may have passed
        assert ago.sub(b"", await answer.read()) == ago.sub(b"", gzip.decompress(packed))


async def test_a_removed_item_keeps_its_page_and_a_purged_one_its_history(
    stage: Stage, client: Client
) -> None:
    database = stage.household.database
    database.sql("UPDATE media SET removed_at = CURRENT_TIMESTAMP WHERE id = 1")
    assert "its server lists it no more" in (await page(client, "/media/1")).words
    database.sql("DELETE FROM media WHERE id = 2")
    assert "This item is gone" in (await page(client, "/media/2")).words


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari/537.36",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)
def test_a_browser_is_called_as_people_know_it(told: str, known: str) -> None:
    assert filters.browser(told) == known


async def test_no_page_holds_a_key(stage: Stage, client: Client) -> None:
    token = await stage.key()
    owner = client.knowing(token)
    for path in PAGES:
        content = (await of(owner, path)).content
        assert token.encode() not in content
        assert b"k3y/of" not in content
