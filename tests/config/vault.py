"""Strangers' providers with options, as far as the configuration knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ByteSize, Field, SecretStr, field_validator

from tests.config.conftest import MINIMAL
from trailarrd.plugin import Secret


class Login(BaseModel):
    user: str
    pin: SecretStr


class VaultOptions(BaseModel):
    """As a stranger would write it: nothing in it knows of trailarrd."""

    quality: Literal["hd", "uhd"] = "hd"
    tags: list[str] = []
    pages: int = Field(default=3, gt=0, description="how many pages to ask for")
    patience: timedelta = timedelta(seconds=5)
    largest: ByteSize = ByteSize(0)
    deep: bool = False
    login: Login | None = None
    token: SecretStr | None = None
    code: Secret = Secret("c0de")

    @field_validator("tags")
    @classmethod
    def _no_blanks(cls, tags: list[str]) -> list[str]:
        if any(" " in tag for tag in tags):
            raise ValueError("a tag has no blanks")
        return tags


class NeedyOptions(BaseModel):
    token: SecretStr = Field(examples=["!file vault.token"])

    @field_validator("token")
    @classmethod
    def _talk(cls, token: SecretStr) -> SecretStr:
        value = token.get_secret_value()
        if value == "crash":
            raise RuntimeError(value)
        if len(value) < 8:
            raise ValueError(f"{value!r} is too short")
        return token


class Node(BaseModel):
    name: str = ""
    nodes: list[Node] = []


@dataclass(frozen=True)
class Stranger:
    options: type[BaseModel] | None


PROVIDERS = {"radarr": Stranger(None), "vault": Stranger(VaultOptions), "needy": Stranger(NeedyOptions)}
VAULT = MINIMAL.replace("radarr", "vault") + "    options:\n"
NEEDY = MINIMAL.replace("radarr", "needy")
