"""The cookies of an account: whether they are of the right shape, and whether they still count."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from contextlib import suppress
from http.cookiejar import LoadError, MozillaCookieJar
from typing import TYPE_CHECKING, Final

from trailarrd.plugin import Lack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import SecretStr

OLD: Final = 180
"""Days after which a site is likely to have forgotten them, whatever they say."""
_DAY: Final = 86_400
_SOON: Final = 7 * _DAY
_NOTES: Final = "cookies.json"
_EXPORT: Final = "export them anew from a browser, as a file of Netscape's form, and do not sign out there"


def lacks(cookies: SecretStr | None, state: Path) -> Iterator[Lack]:
    """What is wrong with them, and nothing of what they say."""
    if cookies is None:
        return
    ends = _ends(cookies)
    if ends is None:
        yield Lack(fact="the cookies are not of Netscape's form", advice=_EXPORT, blocking=True)
    elif not ends:
        yield Lack(fact="there is no cookie among the cookies", advice=_EXPORT, blocking=True)
    elif (last := max(ends)) and last < time.time():
        yield Lack(fact="all of the cookies have expired", advice=_EXPORT, blocking=True)
    elif last and last < time.time() + _SOON:
        yield Lack(fact="the last of the cookies expires within a week", advice=_EXPORT, blocking=False)
    elif (age := _age(cookies, state)) > OLD:
        yield Lack(fact=f"the cookies are {age} days old", advice=_EXPORT, blocking=False)


def remember(cookies: SecretStr | None, state: Path) -> None:
    """When these were seen first: of that alone their age is known."""
    if cookies is None or _since(cookies, state) is not None:
        return
    with suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
        noted = {"sha256": _sign(cookies), "since": int(time.time())}
        (state / _NOTES).write_text(json.dumps(noted), encoding="utf-8")


def _ends(cookies: SecretStr) -> list[float] | None:
    """When each of them ends, 0 for what ends with its browser; None: they cannot be read."""
    jar = MozillaCookieJar()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write(cookies.get_secret_value().replace("#HttpOnly_", "") + "\n")
        file.flush()
        try:
            jar.load(file.name, ignore_discard=True, ignore_expires=True)
        except (LoadError, ValueError, AssertionError):
            return None
    return [cookie.expires or 0 for cookie in jar]


def _age(cookies: SecretStr, state: Path) -> int:
    """In days, since they were seen first."""
    since = _since(cookies, state)
    return 0 if since is None else int(time.time() - since) // _DAY


def _since(cookies: SecretStr, state: Path) -> int | None:
    with suppress(OSError, ValueError, LookupError, TypeError):
        noted = json.loads((state / _NOTES).read_bytes())
        if noted["sha256"] == _sign(cookies):
            return int(noted["since"])
    return None


def _sign(cookies: SecretStr) -> str:
    return hashlib.sha256(cookies.get_secret_value().encode()).hexdigest()
