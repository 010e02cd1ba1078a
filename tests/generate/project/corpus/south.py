"""Has the same names as north."""

from __future__ import annotations

import enum
from typing import Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType, TypedDict

T = TypeVar("T")


class Owner(BaseModel):
    """Owner B."""

    id: int
    nick: str = Field("n", alias="nick-name")


class Status(enum.Enum):
    SHUT = "shut"
    CLOSED = "closed"


class Wrap(BaseModel, Generic[T]):
    v: T


class Outer(BaseModel):
    class Owner(BaseModel):
        z: int

    o: Owner


class Ev(BaseModel):
    type: Literal["b"]


class Pt(NamedTuple):
    x: int
    y: str = "q"


Alias = TypeAliasType("Alias", "str | list[Alias]")


class TD(TypedDict):
    a: int
