"""Addresses of servers and databases: what is taken, what is refused, and that none is repeated."""

from __future__ import annotations

import pytest

from trailarrd.config.diagnostic import FieldError
from trailarrd.config.url import database_url, server_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://127.0.0.1:7878", "http://127.0.0.1:7878"),
        ("http://127.0.0.1:7878/radarr", "http://127.0.0.1:7878/radarr"),
        ("https://nas.lan/a/b//", "https://nas.lan/a/b"),
        ("http://nas/", "http://nas"),
        ("HTTP://NAS:80", "http://nas:80"),
        ("http://[fd00::12]:8989/sonarr", "http://[fd00::12]:8989/sonarr"),
        ("http://[::1]", "http://[::1]"),
        ("http://my_radarr:7878", "http://my_radarr:7878"),
        ("http://müller.example:7878", "http://müller.example:7878"),
        ("http://nas/apichart", "http://nas/apichart"),
    ],
)
def test_a_server_is_http_with_a_host_and_perhaps_a_port_and_a_base(text: str, url: str) -> None:
    assert server_url(text) == url


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("nas:7878", "must begin with http:// or https://"),
        ("ftp://nas", "must begin with http:// or https://"),
        ("http:/nas", "must begin with http:// or https://"),
        ("http://", "has no host"),
        ("http://:7878", "has no host"),
        ("http:// nas", "contains whitespace"),
        ("http://na\ns", "contains whitespace"),
        ("http://nas\u200b", "contains whitespace"),
        ("http://<ip>:7878", "has a host that is not a name or an address"),
        ("http://na..s", "has a host that is not a name or an address"),
        ("http://nas:0", "has a port that is not a number from 1 to 65535"),
        ("http://nas:65536", "has a port that is not a number from 1 to 65535"),
        ("http://nas:radarr", "has a port that is not a number from 1 to 65535"),
        ("http://::1:7878", "has more than one ':' in its host"),
        ("http://fd00::12", "has more than one ':' in its host"),
        ("http://[::1", "is not a URL"),
        ("http://nas?x=1", "must not contain '?' or '#'"),
        ("http://nas/#/", "must not contain '?' or '#'"),
        ("http://nas/radarr/api/v3", "must not contain the API's own path '/api/v3'"),
        ("http://nas/api/", "must not contain the API's own path '/api'"),
    ],
)
def test_any_other_address_is_refused(text: str, message: str) -> None:
    with pytest.raises(FieldError) as caught:
        server_url(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text", ["http://me:hunter2@nas", "http://hunter2@nas:7878", "http://me:hunter2@nas:x/?y#z"]
)
def test_who_logs_in_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(FieldError) as caught:
        server_url(text)
    assert caught.value.message == "must not contain a user name or password"
    assert "hunter2" not in f"{caught.value!r} {caught.value.hint}"


@pytest.mark.parametrize(
    "text",
    [
        "sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db",
        "sqlite+aiosqlite:////srv/what? 100%20 #1/trailarrd.db",
        "postgresql+asyncpg://trailarrd@db.lan/trailarrd",
        "postgresql+asyncpg://trailarrd@[fd00::1]:5433/trailarrd?ssl=require",
        "postgresql+asyncpg://trailarrd@/trailarrd?host=/run/postgresql",
    ],
)
def test_a_database_has_an_asynchronous_driver(text: str) -> None:
    assert database_url(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a database URL"),
        ("/var/lib/trailarrd.db", "is not a database URL"),
        ("sqlite:////var/lib/trailarrd.db", "needs the driver aiosqlite"),
        ("sqlite+pysqlite:////var/lib/trailarrd.db", "needs the driver aiosqlite"),
        ("sqlite+aiosqlite:///trailarrd.db", "must name the file by its absolute path"),
        ("sqlite+aiosqlite://", "must name the file by its absolute path"),
        ("sqlite+aiosqlite:///:memory:", "must name the file by its absolute path"),
        ("sqlite+aiosqlite:////", "must name the file by its absolute path"),
        ("mysql+asyncmy://db/trailarrd", "is of a kind that is not supported"),
        ("postgresql://db/trailarrd", "needs the driver asyncpg"),
        ("postgresql+psycopg://db/trailarrd", "needs the driver asyncpg"),
        ("postgresql+asyncpg://me:secret@db/trailarrd", "must not contain a password"),
        ("postgresql+asyncpg://db", "names no database"),
        ("postgresql+asyncpg:///trailarrd", "names no server"),
        ("postgresql+asyncpg://db:0/trailarrd", "has a port that is not a number from 1 to 65535"),
        ("postgresql+asyncpg://db/t?statement_cache_size=0", "has an option that is not known"),
        ("postgresql+asyncpg://db/t?ssl=yes", "has an ssl that is not known"),
    ],
)
def test_any_other_database_is_refused(text: str, message: str) -> None:
    with pytest.raises(FieldError) as caught:
        database_url(text)
    assert caught.value.message == message
