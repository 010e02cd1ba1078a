"""Constraints, each on the branch that it belongs to."""

from __future__ import annotations

from typing import Annotated, Optional

from pydantic import (
    BaseModel,
    Field,
    NegativeInt,
    NonNegativeFloat,
    PositiveInt,
    StringConstraints,
    conint,
    constr,
)


class Numbers(BaseModel):
    positive: PositiveInt
    negative: NegativeInt
    not_negative: NonNegativeFloat
    between: Annotated[int, Field(ge=1, le=10)]
    strict: Annotated[float, Field(gt=0.5, lt=1e6)]
    even: Annotated[int, Field(multiple_of=2)]
    old_style: conint(gt=3)  # type: ignore[valid-type]
    large: Annotated[int, Field(le=10**30)]


class Strings(BaseModel):
    code: Annotated[str, Field(min_length=2, max_length=8, pattern=r"^[A-Z]+\d*$")]
    trimmed: Annotated[str, StringConstraints(min_length=1)]
    old_style: constr(max_length=3)  # type: ignore[valid-type]
    quotes: Annotated[str, Field(pattern=r"^[\"']\w+[\"']$")]
    double: Annotated[str, Field(pattern=r'^"\d+"$')]
    plain: Annotated[str, Field(pattern="^abc$")] = "abc"
    slash: Annotated[str, Field(pattern="\\\\")] = "\\"


class OptionalBranches(BaseModel):
    short: Annotated[str, Field(max_length=5)] | None = None
    outside: Optional[str] = Field(None, max_length=5)
    number: Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=3)]
    both: Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=3)] | None = Field(
        default=None, description="A number or a word."
    )


class Collections(BaseModel):
    few: Annotated[list[int], Field(min_length=1, max_length=3)]
    items: list[Annotated[str, Field(min_length=2)]]
    some: Annotated[dict[str, int], Field(min_length=1)]
    keyed: dict[Annotated[str, Field(pattern=r"^x-")], int]
    short_keys: dict[Annotated[str, Field(max_length=3)], int]
    unique: Annotated[set[int], Field(max_length=3)]
    nested: list[Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=2)]] = []
    pair: tuple[Annotated[int, Field(ge=0)], Annotated[str, Field(max_length=2)]] = (1, "a")
