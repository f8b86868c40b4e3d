"""What is answered while there is no configuration: that the process lives, and that it is not well."""

from http import HTTPStatus

from aiohttp import web

_WAITS = "trailarrd waits for a configuration that it can use; its log says what is wrong with this one\n"


def waiting_application(base_path: str) -> web.Application:
    """The three questions about health as ever; all else is told that trailarrd waits."""

    async def answer(request: web.Request) -> web.Response:
        if request.path.removeprefix(base_path) in _WORDS:
            return await answer_health(request)
        return web.Response(text=_WAITS, status=HTTPStatus.SERVICE_UNAVAILABLE)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    return application


async def answer_health(request: web.Request) -> web.Response:
    """One of the three, by the end of its path."""
    word = next(word for path, word in _WORDS.items() if request.path.endswith(path))
    status = HTTPStatus.OK if word == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return web.json_response({"status": word}, status=status, headers={"Cache-Control": "no-store"})


_WORDS = {"/health/live": "ok", "/health/ready": "not-ready", "/health": "not-well"}
