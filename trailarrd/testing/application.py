"""What an Arr application answers when nothing is wrong: pure, from request to answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from trailarrd.testing.answers import JSON, Answer, document, empty, page, problem, redirect
from trailarrd.testing.asked import Asked, Phase, phase_of, split_base
from trailarrd.testing.dialects import NoSuchItem
from trailarrd.testing.hub import HUB, NEGOTIATED
from trailarrd.testing.picture import poster

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trailarrd.testing.library import SimulatedLibrary
    from trailarrd.testing.notifications import Notifications

_POSTER: Final = re.compile(r"/mediacover/(?:[a-z]+/)?([1-9][0-9]{0,17})/poster-250\.jpg$")


class Application:
    """One application: library, key and URL base; if its pages want a login; a hub and webhooks, if any."""

    def __init__(
        self,
        library: SimulatedLibrary,
        *,
        api_key: str,
        url_base: str = "",
        login: bool = False,
        has_hub: bool = False,
        notifications: Notifications | None = None,
    ) -> None:
        self.library = library
        self.dialect = library.dialect
        self.api_key = api_key
        self.url_base = "/" + url_base.strip("/") if url_base.strip("/") else ""
        self.login = login
        self.has_hub = has_hub
        self.notifications = notifications

    def asked(
        self,
        *,
        method: str,
        path: str,
        target: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        content: bytes = b"",
    ) -> Asked:
        """A request as this application understands it."""
        route, below = split_base(path, self.url_base)
        return Asked(
            method=method,
            path=path,
            target=target,
            query=query,
            headers=headers,
            route=route,
            below_base=below,
            phase=phase_of(route, self.dialect),
            app_name=self.dialect.app_name,
            url_base=self.url_base,
            api_root=self.dialect.api_root,
            content=content,
        )

    async def prepare(self, asked: Asked) -> None:
        """What has to happen on the network before `answer` can tell how it ended."""
        tail = self._notifications_tail(asked)
        if self.notifications and tail is not None:
            await self.notifications.post(asked, tail)

    def answer(self, asked: Asked) -> Answer:
        """In the servers' own order: who asks, under which URL, and only then for what."""
        if asked.is_api or self._is_for_hub(asked):
            if _key_of(asked, self.dialect.key_header) != self.api_key:
                return empty(401)
        elif self.login and asked.route not in ("/ping", "/login"):
            return self._challenge(asked)
        if not asked.below_base:
            return self._signed(redirect(307, self.url_base + asked.target))
        return self._signed(self._dispatch(asked))

    def _signed(self, answer: Answer) -> Answer:
        if not answer.signed:
            return answer
        return answer.with_headers(
            X_Application_Version=self.dialect.version,
            Cache_Control="no-cache, no-store",
            Expires="-1",
            Pragma="no-cache",
        )

    def _challenge(self, asked: Asked) -> Answer:
        host = asked.headers.get("Host", "")
        back = quote(self.url_base + asked.route)
        location = f"http://{host}{self.url_base}/login?returnUrl={back}"
        scripted = asked.headers.get("X-Requested-With") == "XMLHttpRequest"
        return redirect(401 if scripted else 302, location)

    def _is_for_hub(self, asked: Asked) -> bool:
        return self.has_hub and asked.route.startswith(HUB)

    def _notifications_tail(self, asked: Asked) -> str | None:
        """What comes after `notification`; None if it is about something else."""
        root = f"/{self.dialect.api_root}/notification"
        tail = asked.route.removeprefix(root)
        return tail if asked.route.startswith(root) and tail[:1] in ("", "/") else None

    def _dispatch(self, asked: Asked) -> Answer:
        if (answer := self._news(asked) or self._poster(asked)) is not None:
            return answer
        if not asked.is_api and asked.route != "/ping":
            return self._page(asked)
        if asked.phase is Phase.OTHER and asked.route not in ("/ping", "/api"):
            return empty(404)
        head_of_ping = asked.route == "/ping" and asked.method == "HEAD"
        if asked.method != "GET" and not head_of_ping:
            return empty(405).with_headers(Allow="GET")
        if not asked.accepts_json():
            return empty(406)
        return replace(self._resource(asked), no_body=head_of_ping)

    def _page(self, asked: Asked) -> Answer:
        """The user interface answers whatever is not the API: a wrong URL base gets a page, not a word."""
        if "." in asked.route.rpartition("/")[2]:
            return empty(404)
        return page("Login" if asked.route == "/login" else self.dialect.app_name, '<div id="root">')

    def _poster(self, asked: Asked) -> Answer | None:
        """A picture of an item that is there, a PNG whatever its name says; None for everything else."""
        named = _POSTER.search(asked.route) if asked.is_api and asked.method == "GET" else None
        if named is None:
            return None
        number = int(named[1])
        if number not in self.library:
            return empty(404)
        title = self.library.record(number)[self.dialect.fields.title]
        return Answer(content_type="image/png", pieces=(poster(str(title)),))

    def _news(self, asked: Asked) -> Answer | None:
        """For the two ways by which a server tells what happens; None for everything else."""
        if self._is_for_hub(asked):
            return self._hub(asked)
        tail = self._notifications_tail(asked)
        if self.notifications and tail is not None:
            return self.notifications.answer(asked, tail)
        return None

    def _hub(self, asked: Asked) -> Answer:
        """101 for the web socket itself."""
        if (asked.method, asked.route) == ("POST", f"{HUB}/negotiate"):
            return self._document(NEGOTIATED)
        return empty(101 if (asked.method, asked.route) == ("GET", HUB) else 404)

    def _resource(self, asked: Asked) -> Answer:
        if asked.route == "/ping":
            return self._document({"status": "OK"})
        if asked.route == "/api":
            return self._document({"current": self.dialect.api_version, "deprecated": []})
        if asked.phase is Phase.LIST:
            return self._list(asked)
        if asked.phase is Phase.ITEM:
            return self._item(int(asked.route.rpartition("/")[2]))
        return self._small(asked.phase)

    def _small(self, phase: Phase) -> Answer:
        if phase is Phase.STATUS:
            return self._document(self._status())
        if phase is Phase.ROOT_FOLDERS:
            return self._root_folders()
        return self._document([{"label": name, "id": number} for number, name in self.library.tags.items()])

    def _document(self, value: object) -> Answer:
        return document(value, self.library.layout)

    def _status(self) -> dict[str, object]:
        windows = self.library.is_windows
        return {
            **self.dialect.status_of(self.dialect.app_name, self.dialect.version),
            "instanceName": self.dialect.app_name,
            "buildTime": "2026-06-26T17:21:08Z",
            "isDebug": False,
            "isProduction": True,
            "isAdmin": False,
            "isUserInteractive": True,
            "isNetCore": True,
            "isLinux": not windows,
            "isOsx": False,
            "isWindows": windows,
            "isDocker": not windows,
            "mode": "console",
            "databaseType": "sqLite",
            "authentication": "forms" if self.login else "none",
            "urlBase": self.url_base,
            "startTime": "2026-07-31T13:52:04Z",
            **self.dialect.status,
        }

    def _root_folders(self) -> Answer:
        layout = self.library.layout
        elements = [
            layout.element(self._root_folder(number, path))
            for number, path in enumerate(self.library.roots, 1)
        ]
        return Answer(elements=elements, layout=layout)

    def _root_folder(self, number: int, path: str) -> dict[str, object]:
        if path in self.library.unreachable_roots:
            return {"path": path, "accessible": False, "id": number}
        space = {"freeSpace": 63_032_975_360, "unmappedFolders": []}
        return {"path": path, "accessible": True, **space, "id": number}

    def _list(self, asked: Asked) -> Answer:
        covers = not self._excludes_covers(asked)
        wanted = _lookup(asked.query, self.dialect.identity)
        if wanted is None:
            elements = self.library.elements(covers=covers)
            return Answer(elements=elements, layout=self.library.layout)
        try:
            found = self.library.find(self.dialect.identity_value(wanted))
        except ValueError:
            errors = {self.dialect.identity: [f"The value '{wanted}' is not valid."]}
            return problem(400, "One or more validation errors occurred.", errors=errors)
        elements = [self.library.element(arr_id, covers=covers) for arr_id in found[:1]]
        return Answer(elements=elements, layout=self.library.layout)

    def _excludes_covers(self, asked: Asked) -> bool:
        switch = self.dialect.covers_switch
        return switch is not None and (_lookup(asked.query, switch) or "").lower() == "true"

    def _item(self, arr_id: int) -> Answer:
        if arr_id not in self.library:
            return self._no_such_item(arr_id)
        record: object = self.library.record(arr_id)
        return self._document(self.dialect.single(record) if isinstance(record, dict) else record)

    def _no_such_item(self, arr_id: int) -> Answer:
        match self.dialect.no_such_item:
            case NoSuchItem.PROBLEM:
                return problem(404, "Not Found")
            case NoSuchItem.JSON:
                return replace(problem(404, "Not Found"), content_type=JSON)
        said = f"{self.dialect.resource.capitalize()} with ID {arr_id} does not exist"
        trace = f"NzbDrone.Core.Datastore.ModelNotFoundException: {said}"
        return replace(document({"message": said, "description": trace}, status=404), signed=False)


def _key_of(asked: Asked, header: str) -> str | None:
    """The key by the first way that is used at all: an empty one in the query beats the header."""
    ways = (
        _lookup(asked.query, "apikey"),
        asked.headers.get(header),
        asked.headers.get("Authorization"),
    )
    key = next((way for way in ways if way is not None), None)
    return key.replace("Bearer ", "") if key is not None and key is ways[2] else key


def _lookup(query: Mapping[str, str], name: str) -> str | None:
    """A query parameter; their names are compared without regard to case."""
    return next((value for key, value in query.items() if key.lower() == name.lower()), None)
