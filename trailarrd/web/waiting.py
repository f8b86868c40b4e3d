"""What is answered while there is no configuration: that the process lives, and that it is not well."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

_WAITS = "trailarrd waits for a configuration that it can use; its log says what is wrong with this one\n"


def waiting_application(base_path: str) -> web.Application:
    """The three questions about health as ever; all else is told that trailarrd waits."""

    async def answer(request: web.Request) -> web.Response:
        word = _WORDS.get(request.path.removeprefix(base_path))
        if word is None:
            return web.Response(text=_WAITS, status=HTTPStatus.SERVICE_UNAVAILABLE)
        status = HTTPStatus.OK if word == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response({"status": word}, status=status, headers={"Cache-Control": "no-store"})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    return application


_WORDS = {"/health/live": "ok", "/health/ready": "not-ready", "/health": "not-well"}
