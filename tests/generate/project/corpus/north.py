"""Has the same names as south."""

from __future__ import annotations

import enum
from typing import Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType, TypedDict

T = TypeVar("T")


class Owner(BaseModel):
    """Owner A."""

    name: str
    nick: str = Field("n", alias="nickName")


class Status(enum.Enum):
    OPEN = "open"
    CLOSED = "closed"


class Wrap(BaseModel, Generic[T]):
    v: T


class Outer(BaseModel):
    class Owner(BaseModel):
        z: int

    o: Owner


class Ev(BaseModel):
    type: Literal["a"]


class Pt(NamedTuple):
    x: int
    y: int


Alias = TypeAliasType("Alias", "int | list[Alias]")


class TD(TypedDict):
    a: int
