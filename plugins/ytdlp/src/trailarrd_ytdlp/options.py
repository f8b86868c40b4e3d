"""What `download.options.ytdlp` may say."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field, SecretStr


class Upkeep(StrEnum):
    """How yt-dlp is kept current. Whatever it says, `trailarrd downloaders update ytdlp` works."""

    OFF = "off"
    CHECK = "check"
    WEEKLY = "weekly"


class YtdlpOptions(BaseModel):
    """All of them."""

    cookies: SecretStr | None = Field(
        default=None,
        description="cookies of an account, as a browser exports them in Netscape's form: !file cookies.txt",
    )
    engine: Upkeep = Field(
        default=Upkeep.CHECK,
        description="once a week, before a download: off asks nobody, check asks the package index whether"
        " there is a newer yt-dlp, weekly also installs it",
    )
