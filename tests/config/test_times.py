"""Schedules, time zones and quiet hours as people write them; and whose folder times are trusted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.config.diagnostic import InvalidConfigError
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.times import TimesPolicy, TrustTimes

if TYPE_CHECKING:
    from tests.config.conftest import Loads
    from trailarrd.config import Settings

NIGHT = datetime(2026, 1, 10, 23, 30, tzinfo=UTC)


def text(connection: str = "", rest: str = "") -> str:
    block = "connections:\n  - {name: a, provider: radarr, url: 'http://a', api_key: b"
    return f"{rest}\n{block}{', ' + connection if connection else ''}}}\n"


def after(settings: Settings) -> datetime:
    schedule = settings.connections[0].connection().schedule
    assert schedule
    return schedule.after(datetime(2026, 1, 10, 12, tzinfo=UTC))


def test_a_schedule_goes_by_its_own_zone_else_by_the_files(loads: Loads) -> None:
    berlin, tokyo = "timezone: Europe/Berlin", "timezone: Asia/Tokyo"
    assert after(loads(text(f"schedule: 15 */2 * * *, {tokyo}"))) == datetime(2026, 1, 10, 13, 15, tzinfo=UTC)
    assert after(loads(text("schedule: '@daily'", berlin))) == datetime(2026, 1, 10, 23, tzinfo=UTC)
    assert after(loads(text(f"schedule: '@daily', {tokyo}", berlin))) == datetime(2026, 1, 10, 15, tzinfo=UTC)


def test_without_a_schedule_there_is_the_interval(loads: Loads) -> None:
    connection = loads(text("interval: 30m")).connections[0].connection()
    assert (connection.schedule, connection.interval) == (None, timedelta(minutes=30))


def test_a_connections_own_word_on_when_outranks_the_common_one(loads: Loads) -> None:
    """Of interval and schedule it goes by one, so its own of either kind takes the place of both."""
    common = "defaults: {schedule: '@daily'}\nrefresh: {interval: 2h}"
    own = loads(text("interval: 30m", common)).connections[0].connection()
    assert (own.schedule, own.interval) == (None, timedelta(minutes=30))
    assert loads(text("", common)).connections[0].connection().schedule
    other = loads(text("schedule: '@daily'", "defaults: {interval: 30m}\nrefresh: {interval: 2h}"))
    connection = other.connections[0].connection()
    assert connection.schedule
    assert connection.interval == timedelta(hours=2), "how long a failure is waited for at most"


def test_quiet_hours_are_a_window_or_several_by_the_clock_of_the_file(loads: Loads) -> None:
    for written in ("23:00-07:00", "[23:00-07:00]", "[12:00-13:00, 23:00 - 7:00]"):
        settings = loads(text("", f"disk: {{quiet_hours: {written}}}\ntimezone: UTC"))
        assert settings.quiet_hours().hold(NIGHT)
        assert not settings.quiet_hours().hold(NIGHT - timedelta(hours=1))
    tokyo = loads(text("", "disk: {quiet_hours: 23:00-07:00}\ntimezone: Asia/Tokyo"))
    assert not tokyo.quiet_hours().hold(NIGHT), "it is half past eight in the morning there"
    assert not loads(text()).quiet_hours().hold(NIGHT)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (text("schedule: 61 * * * *"), "schedule: '61 * * * *' has a bad minute"),
        (text("schedule: hourly"), "'hourly' is not minute, hour, day of month, month and day of week"),
        (text("schedule: ''"), "schedule: is empty"),
        (text("timezone: Europe/Berlinn"), "timezone: 'Europe/Berlinn' is no time zone"),
        (text("interval: 30m, schedule: '@daily'"), "schedule: cannot go together with interval"),
        (text("", "disk: {quiet_hours: 23-7}"), "disk.quiet_hours: '23-7' is not a part of the day"),
        (text("", "disk: {quiet_hours: 24:00-07:00}"), "'24:00-07:00' is not a part of the day"),
        (text("", "disk: {quiet_hours: 07:00-07:00}"), "'07:00-07:00' has no length"),
    ],
)
def test_mistakes_are_told_with_what_to_write(loads: Loads, wrong: str, said: str) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        loads(wrong)
    assert said in str(caught.value)


ALWAYS, AUTO, NEVER = TrustTimes.ALWAYS, TrustTimes.AUTO, TrustTimes.NEVER


@pytest.mark.parametrize(
    ("written", "policy"),
    [
        ("", TimesPolicy()),
        ("trust_times: never", TimesPolicy(NEVER)),
        ("trust_times: {/mnt/pool/: never}", TimesPolicy(AUTO, {LocalPath("/mnt/pool"): NEVER})),
        ("trust_times: {default: never, /: always}", TimesPolicy(NEVER, {LocalPath("/"): ALWAYS})),
    ],
)
def test_folder_times_are_trusted_by_a_word_or_one_for_each_path(
    loads: Loads, written: str, policy: TimesPolicy
) -> None:
    assert loads(text("", f"disk: {{{written}}}")).disk.times() == policy


def test_whose_folder_times_are_trusted_can_come_from_the_environment(loads: Loads) -> None:
    for written, policy in (
        ("always", TimesPolicy(ALWAYS)),
        ("{/mnt/pool: never}", TimesPolicy(AUTO, {LocalPath("/mnt/pool"): NEVER})),
    ):
        assert loads(text(), {"TRAILARRD_DISK__TRUST_TIMES": written}).disk.times() == policy


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("no", "'no' is not auto, always or never"),
        ("[never]", "must be a word or a mapping, not a list: auto, always or never"),
        ("{/mnt: sometimes}", "for '/mnt' must be auto, always or never"),
        ("{/mnt: [never]}", "for '/mnt' must be auto, always or never"),
        ("{mnt: never}", "'mnt' is no absolute path"),
    ],
)
def test_what_cannot_be_meant_by_them_is_told(loads: Loads, written: str, complaint: str) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        loads(text("", f"disk: {{trust_times: {written}}}"))
    assert [f"disk.trust_times: {complaint}" in str(one) for one in caught.value.diagnostics] == [True]
    assert "sometimes" not in str(caught.value), "whatever stands in such a mapping may be meant for a secret"
