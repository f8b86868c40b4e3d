"""The settings under `notify:`: who is told of what, and in which words."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from trailarrd.config.diagnostic import FieldError, quote
from trailarrd.config.fields import Count, Duration, Section
from trailarrd.domain.announcement import TOPICS, Topic
from trailarrd.domain.notification import Policy, check_template
from trailarrd.domain.secret import Secret


def _address(url: Secret) -> Secret:
    """Where apprise sends to; no message ever repeats it."""
    if not url.reveal().strip():
        raise FieldError("is empty", hint="for example ntfy://my-topic")
    if any(char.isspace() for char in url.reveal()):
        raise FieldError("contains whitespace", hint="write a space in it as %20")
    return url


def _telling(value: object) -> bool | str:
    """Whether to tell of something, or in which words."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    if value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if "{" not in value:
        hint = "or write a sentence with {title} or {connection} in it"
        raise FieldError(f"must be true or false, not {quote(value)}", hint=hint)
    try:
        check_template(value)
    except ValueError as error:
        raise FieldError(str(error)) from None
    return value


NotifyUrl = Annotated[Secret, AfterValidator(_address)]
Telling = Annotated[bool | str, PlainValidator(_telling), WithJsonSchema({"type": ["boolean", "string"]})]


class TellSettings(Section):
    """For each kind of news whether it is told, or in which words."""

    added: Telling = True
    """An item is new."""
    updated: Telling = False
    """An item was changed on its server."""
    removed: Telling = True
    """The server dropped an item."""
    held: Telling = True
    """An item is no longer listed; its removal waits for your decision."""
    restored: Telling = False
    """An item that was removed is back."""
    trailer_appeared: Telling = True
    """An item has a trailer now."""
    trailer_vanished: Telling = True
    """An item has lost its trailer."""
    trailer_vanishing: Telling = True
    """An item's trailer vanished with many others, and is kept for now."""
    monitored: Telling = False
    """A trailer is wanted for an item now."""
    unmonitored: Telling = False
    """No trailer is wanted for an item any more."""
    intent_set: Telling = False
    """You have chosen for an item whether its trailer is wanted."""
    intent_dropped: Telling = False
    """Your choice for an item was dropped."""
    downloaded: Telling = False
    """A trailer was downloaded; that the item has one now is news of its own."""
    download_failed: Telling = False
    """A download has come to nothing, and is tried again."""
    download_given_up: Telling = True
    """So many tries have failed that an item is not tried again by itself."""
    site_blocked: Telling = True
    """A video site lets nobody in, and everything from there waits; said once."""
    no_room: Telling = True
    """A disk is too full for trailers; said once."""
    address_chosen: Telling = False
    """You have named the video that shall be an item's trailer, or dropped that."""
    address_refused: Telling = False
    """A video will not do as an item's trailer."""
    trailer_deleted: Telling = False
    """A trailer of trailarrd's own was deleted at your wish."""
    connection_down: Telling = True
    """A server cannot be asked; said once."""
    connection_back: Telling = True
    """It can be asked again; said once."""
    refreshed: Telling = False
    """A refresh has ended, however."""

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset(topic for topic, value in self._by_topic().items() if value is not False)

    @property
    def templates(self) -> dict[Topic, str]:
        return {topic: value for topic, value in self._by_topic().items() if isinstance(value, str)}

    def _by_topic(self) -> dict[Topic, bool | str]:
        return {topic: getattr(self, topic.value.replace("-", "_")) for topic in TOPICS}


class NotifySettings(Section):
    """Who is told what happens, through apprise."""

    urls: tuple[NotifyUrl, ...] = ()
    """Addresses of apprise's services; each is a secret."""
    gather: Duration = timedelta(minutes=1)
    """How long news is gathered into one message."""
    most_per_hour: Count = 20
    """Messages; what there is beyond waits for the next one."""
    tell: TellSettings = TellSettings()

    def policy(self) -> Policy:
        return Policy(
            topics=self.tell.topics,
            templates=self.tell.templates,
            gather=self.gather.total_seconds(),
            most_per_hour=self.most_per_hour,
        )
