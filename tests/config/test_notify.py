"""The settings under `notify:`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.config.notify import NotifySettings, TellSettings
from trailarrd.domain.announcement import TOPICS, ConnectionEvent
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.notification import DEFAULT_TOPICS
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from tests.config.conftest import Loads

CONNECTION = """
connections:
  - {name: movies, provider: radarr, url: "http://127.0.0.1:7878", api_key: abc}
"""


def test_there_is_a_switch_for_every_topic_and_its_default_is_that_of_the_domain() -> None:
    assert set(TellSettings.model_fields) == {topic.value.replace("-", "_") for topic in TOPICS}
    assert TellSettings().topics == DEFAULT_TOPICS


def test_topics_are_switched_and_worded_one_by_one(loads: Loads) -> None:
    settings = loads(
        'notify: {urls: ["ntfy://a-topic"], tell: {added: false, refreshed: true, held: "{title} waits"}}'
        + CONNECTION
    ).notify
    assert settings.tell.topics == DEFAULT_TOPICS - {HistoryEvent.ADDED} | {ConnectionEvent.REFRESHED}
    assert settings.tell.templates == {HistoryEvent.HELD: "{title} waits"}
    assert [url.reveal() for url in settings.urls] == ["ntfy://a-topic"]


def test_nobody_is_told_by_default() -> None:
    assert NotifySettings().urls == ()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"{name} is new"', "knows no {name}; there are {connection}, {title}, {topic}, {error}, {outcome}"),
        ('"{title.__class__}"', "knows no {title.__class__}"),
        ('"{title!r}"', "knows no {title}"),
        ('"{title"', "is no template: "),
        ("maybe", "must be true or false, not 'maybe'"),
        ("[1]", "must be text, not a list"),
    ],
)
def test_words_that_cannot_be_filled_in_are_a_mistake_with_its_place(
    loads: Loads, value: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(f"notify:\n  tell:\n    added: {value}{CONNECTION}")
    assert "trailarrd.yaml:3:12:" in str(caught.value)
    assert said in str(caught.value)


def test_an_address_is_a_secret(loads: Loads) -> None:
    settings = loads('notify: {urls: ["ntfy://user:hunter2@host/topic"]}' + CONNECTION)
    assert "hunter2" not in repr(settings)
    assert "ntfy://user:hunter2@host/topic" in {secret.reveal() for secret in settings.secrets}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("''", "notify.urls[0]: is empty\n"),
        ("ntfy://me:pass word@host", "notify.urls[0]: contains whitespace\n"),
        ("[ntfy://me]", "notify.urls[0]: must be text, not a list\n"),
    ],
)
def test_what_is_no_address_is_a_mistake_with_its_place(loads: Loads, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(f"notify:\n  urls:\n    - {value}{CONNECTION}")
    assert f"trailarrd.yaml:3:7: {said}" in str(caught.value)
    assert "pass word" not in str(caught.value)
