"""What may stand in front of a server: a proxy that wants a login, or lets nobody through for a while."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import quote

from trailarrd.testing.answers import Answer, page, redirect
from trailarrd.testing.asked import Asked


class Turned(StrEnum):
    """How a gate turns somebody away."""

    FORBIDDEN = "forbidden"
    """403 with a page."""
    UNAUTHORIZED = "unauthorized"
    """401 with a page."""
    BASIC = "basic"
    """401 with `WWW-Authenticate: Basic`."""
    PAGE = "page"
    """A login page with status 200."""
    REDIRECT = "redirect"
    """302 to a login elsewhere, which leads back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Lets pass who shows all that it wants, and turns everybody else away before the server hears of it.

    A gate that wants nothing is shut for everybody::

        SimulatedArr(library, gate=Gate(headers={"X-Gate": "open"}, turned=Turned.PAGE))
        arr.gate = Gate(seconds=2.0)
    """

    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    """User and password."""
    turned: Turned = Turned.FORBIDDEN
    login: str = "https://auth.example.com/"
    """Where a redirect leads."""
    seconds: float | None = None
    """So long after it was put there it is open to everybody; None: never."""

    def passes(self, asked: Asked, standing: float) -> bool:
        """Whether it lets that pass, when it has been there for so many seconds."""
        if self.seconds is not None and standing >= self.seconds:
            return True
        wanted = {**self.headers, **({"Authorization": self._token} if self.basic else {})}
        return bool(wanted) and all(asked.headers.get(name) == value for name, value in wanted.items())

    @property
    def _token(self) -> str:
        return f"Basic {b64encode(':'.join(self.basic or ()).encode()).decode()}"

    def answer(self, asked: Asked) -> Answer:
        """What it says instead of the server."""
        match self.turned:
            case Turned.FORBIDDEN:
                return page("403 Forbidden", "<h1>403 Forbidden</h1>", status=403)
            case Turned.UNAUTHORIZED:
                return page("401 Unauthorized", "<h1>401 Unauthorized</h1>", status=401)
            case Turned.BASIC:
                named = {"WWW_Authenticate": 'Basic realm="media"'}
                return page("401 Unauthorized", status=401).with_headers(**named)
            case Turned.PAGE:
                return page("Sign in", '<form method="post"><input type="password" name="password"></form>')
        back = quote(f"http://{asked.headers.get('Host', '')}{asked.path}", safe="")
        return redirect(302, f"{self.login}?rd={back}")
