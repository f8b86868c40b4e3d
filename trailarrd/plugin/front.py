"""What may stand in front of an Arr server and answer in its place: a login, a rule, an encoding of its own.

The servers of the *arr family refuse a key by a 401 without a `WWW-Authenticate` and with an empty body,
those of 2021 and before with a word of JSON. They never say 403, and never redirect elsewhere.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from trailarrd import errors

if TYPE_CHECKING:
    from aiohttp import ClientResponse

    from trailarrd.domain.connection import ArrServer

WAY_THROUGH: Final = "let /api past it there, or give what it takes by headers or basic"

_OF_NANCY: Final = {"error": "Unauthorized"}
_LOGIN_PATH: Final = re.compile(
    r"/(?:login|sign_?in|auth(?:orize|enticate|elia|entik)?|oauth2?|oidc|openid-connect|sso|saml2?"
    r"|cdn-cgi|outpost\.goauthentik\.io|\.pomerium)(?![a-z])",
    re.IGNORECASE,
)
"""One of these is a part of the path to every login page."""
_LOGIN_PAGE: Final = re.compile(
    rb"""type=["']?password|<title>[^<]*(?:log ?in|sign ?in|authenti|authori)""", re.IGNORECASE
)
_ENCODINGS: Final = frozenset({"", "identity", "gzip", "deflate", "br", "zstd"})


def refusal(response: ClientResponse, body: bytes, server: ArrServer, said: str) -> errors.ProviderError:
    """What a 401 means, by who said it."""
    schemes = " ".join(response.headers.getall("WWW-Authenticate", ()))
    if "basic" in schemes.lower() and server.basic:
        return _login(f"{said}: the login in front of it refuses user or password of basic")
    if "basic" in schemes.lower():
        return _login(f"{said}: a login in front of it asks for user and password: set basic")
    if schemes or not _is_the_servers_own(body):
        kind = f" ({schemes.split(' ', 1)[0][:20]})" if schemes else ""
        return _login(f"{said}: a login in front of it{kind}: {WAY_THROUGH}")
    return errors.ProviderRejectedError(
        f"{said}: the server refuses the API key; compare api_key with its Settings > General",
        suspect=errors.Suspect.KEY,
    )


def _is_the_servers_own(body: bytes) -> bool:
    if not body.strip():
        return True
    try:
        return bool(msgspec.json.decode(body) == _OF_NANCY)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False


def forbidden(said: str, words: str) -> errors.ProviderError:
    """A 403, with what was said in it."""
    return errors.ProviderResponseError(
        f"{said}{words}: something in front of the server lets us not through, as the server itself never"
        " says so: a proxy's rule, a firewall, or a login; see its log, or give what it takes by headers"
        " or basic",
        suspect=errors.Suspect.FORBIDDEN,
    )


def redirected(response: ClientResponse, said: str) -> errors.ProviderError:
    """Redirects are never followed with the key; most of them name the missing URL base, or are a login."""
    here = response.url
    try:
        target = urlsplit(response.headers.get("Location", ""))
    except ValueError:
        return _astray(f"{said}: a redirect to no valid address")
    same_origin = not target.netloc or (target.scheme, target.netloc) == (here.scheme, here.authority)
    base = target.path.removesuffix(here.path)
    if same_origin and base and base != target.path:
        address = f"{here.origin()}{base}"
        return _astray(f"{said}: the server's URL base is {base}; url should be {address}", address)
    if same_origin and target.path.endswith("/login") and "returnUrl=" in target.query:
        return _astray(f"{said}: the application's own login page; check the path in url")
    host = target.hostname or "another path"
    if _is_login(target, str(here.origin())):
        return _login(f"{said}: a login in front of it, at {host}: {WAY_THROUGH}")
    if target.scheme == "https" and here.scheme == "http" and target.hostname == here.host:
        return _astray(f"{said}: it wants https; write https in url")
    return _astray(f"{said}: a redirect to {host}, which is not followed; put the final address in url")


def _is_login(target: SplitResult, origin: str) -> bool:
    """By its path, or because it shall lead back to us."""
    leads_back = any(value.startswith(origin) for _, value in parse_qsl(target.query))
    return leads_back or _LOGIN_PATH.search(target.path) is not None


def no_json(response: ClientResponse, body: bytes, where: str) -> errors.ProviderError:
    """A success whose body is something else, as a page."""
    said = f"{where} answered with {response.content_type or 'no content type'} instead of JSON"
    if _LOGIN_PAGE.search(body):
        return _login(f"{said}: a login in front of it: {WAY_THROUGH}")
    return _astray(
        f"{said}: check the path in url against the server's URL base,"
        " and whether a proxy answers in its place"
    )


def bad_request(response: ClientResponse, body: bytes, said: str) -> errors.ProviderError | None:
    """What a web server means by a 400 that is about the connection; None if it is about something else."""
    if response.status != HTTPStatus.BAD_REQUEST:
        return None
    if b"No required SSL certificate" in body or b"SSL certificate error" in body:
        return errors.ProviderResponseError(
            f"{said}: it wants a certificate of its clients, and trailarrd has none to show",
            suspect=errors.Suspect.CLIENT_CERTIFICATE,
        )
    if re.search(rb"HTTP request (?:was sent )?to (?:an )?HTTPS (?:port|server)", body):
        return _astray(f"{said}: it wants https; write https in url")
    return None


def check_encoding(response: ClientResponse, where: str) -> None:
    """Raise `ProviderResponseError` for what cannot be unpacked; nobody has asked for it."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise errors.ProviderResponseError(
            f"{where} answered in the encoding {encoding[:20]!r}, for which nobody has asked:"
            " have the proxy in front of it leave the answers as they are"
        )


def _login(message: str) -> errors.ProviderError:
    return errors.ProviderResponseError(message, suspect=errors.Suspect.LOGIN)


def _astray(message: str, address: str | None = None) -> errors.ProviderError:
    return errors.ProviderResponseError(message, suspect=errors.Suspect.ADDRESS, actual=address)
