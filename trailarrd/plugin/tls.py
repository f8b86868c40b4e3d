"""TLS with an Arr server: what its certificate is held against, and what went wrong in whose words.

All of it heals by itself, once somebody has seen to it there: a certificate is renewed, a proxy mended.
Who wrote https is never told to send the key in clear.
"""

import asyncio
import ssl
from typing import Final

from trailarrd import errors
from trailarrd.domain.connection import ArrServer

_NO_VERIFY: Final = "or, less safe, verify_tls: false"
_EXPIRED: Final = errors.Suspect.EXPIRED, "has expired: have it renewed there"
_OTHER_NAME: Final = (
    errors.Suspect.OTHER_NAME,
    "is for another name than that: write in url a name that it is for, or have it made for this one",
)
_SELF_SIGNED: Final = (
    errors.Suspect.CERTIFICATE,
    f"is not trusted, as it signed itself: set ca_file to that certificate, {_NO_VERIFY}",
)
_UNKNOWN_AUTHORITY: Final = (
    errors.Suspect.CERTIFICATE,
    (
        "is not trusted, as nobody here knows who signed it: set ca_file to that authority"
        f" (if it is a known one, the server keeps back the certificates in between), {_NO_VERIFY}"
    ),
)
_CERTIFICATES: Final = {
    2: _UNKNOWN_AUTHORITY,
    9: (errors.Suspect.EXPIRED, "is not valid yet: compare the clocks of both hosts"),
    10: _EXPIRED,
    18: _SELF_SIGNED,
    19: (
        errors.Suspect.CERTIFICATE,
        f"is not trusted, as its authority is unknown here: set ca_file to that authority, {_NO_VERIFY}",
    ),
    20: _UNKNOWN_AUTHORITY,
    21: _UNKNOWN_AUTHORITY,
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
"""By OpenSSL's number of what is wrong with it (X509_V_ERR_…)."""

_CLIENT: Final = (
    errors.Suspect.CLIENT_CERTIFICATE,
    (
        "wants a certificate of its clients, and trailarrd has none to show: let it ask for none at that"
        " address, or write an address behind it in url"
    ),
)
_TOO_OLD: Final = (
    errors.Suspect.TOO_OLD,
    (
        "and this host have no version of TLS in common, as one of them is too old:"
        " let the server, or the proxy in front of it, speak TLS 1.2 or newer"
    ),
)
_UNKNOWN_NAME: Final = (
    errors.Suspect.UNKNOWN_NAME,
    "knows no server by the name in url: write the name that the proxy there is set up for",
)
_NO_TLS: Final = (
    errors.Suspect.TLS,
    "does not speak TLS: write in url the port that does; the applications have one of its own for it",
)
_HANDSHAKE: Final = (
    errors.Suspect.TLS,
    (
        "finds no way to speak TLS with us: it wants a certificate of its clients, or knows only what is"
        " too old for this host"
    ),
)
_ALERTS: Final = {
    "CERTIFICATE": _CLIENT,  # required, bad, unknown: ours, as the other one is looked at here
    "ALERT_UNKNOWN_CA": _CLIENT,
    "ACCESS_DENIED": _CLIENT,
    "PROTOCOL_VERSION": _TOO_OLD,
    "UNSUPPORTED_PROTOCOL": _TOO_OLD,
    "LEGACY_RENEGOTIATION": _TOO_OLD,
    "INSUFFICIENT_SECURITY": _TOO_OLD,
    "TOO_SMALL": _TOO_OLD,
    "UNRECOGNIZED_NAME": _UNKNOWN_NAME,
    "INTERNAL_ERROR": _UNKNOWN_NAME,  # so says Caddy
    "HANDSHAKE_FAILURE": _HANDSHAKE,
    "VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "UNKNOWN_PROTOCOL": _NO_TLS,
    "PACKET_LENGTH": _NO_TLS,
    "RECORD_LAYER": _NO_TLS,
}
"""By a part of OpenSSL's name for it; the first that fits counts."""
_ALERT_WITHIN: Final = 0.5
"""Seconds in which a server that wants our certificate says so, after it has shown its own."""


def context_of(server: ArrServer) -> ssl.SSLContext:
    """What that server's certificate is held against.

    Raises:
        ProviderRejectedError: `ca_file` cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
    except OSError as error:
        raise errors.ProviderRejectedError(
            f"ca_file {server.ca_file} cannot be used: {error}", suspect=errors.Suspect.CERTIFICATE
        ) from error
    if not server.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def trouble_of(where: str, error: Exception) -> errors.ProviderError:
    """Why there is no TLS with `HOST:PORT`, and what helps."""
    if isinstance(error, ssl.SSLCertVerificationError):
        told = error.verify_message.lower().rstrip(".")
        unknown = errors.Suspect.CERTIFICATE, f"is not trusted ({told}): have it renewed there, {_NO_VERIFY}"
        suspect, words = _CERTIFICATES.get(error.verify_code, unknown)
        return errors.ProviderResponseError(f"the certificate of {where} {words}", suspect=suspect)
    reason = getattr(error, "reason", None) or ""
    if not reason:  # it said nothing, and left
        return errors.ProviderUnavailableError(f"{where} closed the connection instead of speaking TLS")
    other = errors.Suspect.TLS, f"breaks off TLS ({reason.lower().replace('_', ' ')}): look into its own log"
    suspect, words = next((found for part, found in _ALERTS.items() if part in reason), other)
    return errors.ProviderResponseError(f"{where} {words}", suspect=suspect)


def wanted(where: str) -> errors.ProviderError:
    """The error for a server that wants a certificate of its clients."""
    suspect, words = _CLIENT
    return errors.ProviderResponseError(f"{where} {words}", suspect=suspect)


async def wants_certificate(host: str, port: int, server: ArrServer) -> bool:
    """Whether it shakes hands, and says only then that it wants a certificate of its clients.

    So does TLS 1.3, and who has sent a request meanwhile may never hear of it.
    """
    try:
        async with asyncio.timeout(server.timeouts.connect):
            reader, writer = await asyncio.open_connection(host, port, ssl=context_of(server))
    except OSError:
        return False
    try:
        async with asyncio.timeout(_ALERT_WITHIN):
            await reader.read(1)
    except ssl.SSLError as error:
        return trouble_of(host, error).suspect is errors.Suspect.CLIENT_CERTIFICATE
    except OSError:
        pass
    finally:
        writer.transport.abort()
    return False
