"""Required, nullable and defaulted are three facts."""

from __future__ import annotations

from typing import Any, Optional

from pydantic import BaseModel, Field


class Presence(BaseModel):
    required: str
    required_nullable: Optional[str]
    defaulted: str = "x"
    defaulted_nullable: Optional[str] = "x"
    null_by_default: Optional[str] = None
    wrong_default: str = None  # type: ignore[assignment]
    wrong_kind: int = "many"  # type: ignore[assignment]


class Factory(BaseModel):
    texts: list[str] = Field(default_factory=list)
    table: dict[str, int] = Field(default_factory=dict)
    tags: set[str] = Field(default_factory=set)
    anything: Any = Field(default_factory=dict)
    computed: str = Field(default_factory=lambda: "x")
    count: int = Field(default_factory=lambda: 7)
    ratio: float = Field(default_factory=lambda: 0.5)
    flag: bool = Field(default_factory=lambda: True)
    maybe: Optional[int] = Field(default_factory=lambda: 1)


class MutableDefaults(BaseModel):
    texts: list[str] = ["a", "b"]
    empty: list[int] = []
    table: dict[str, list[int]] = {"a": [1]}
    numbers: set[int] = {3, 1, 2}
    words: frozenset[str] = frozenset({"b", "a"})
    pair: tuple[int, str] = (1, "a")
    optional: list[int] | None = [1]


class Empty(BaseModel):
    pass


class OnlyDocumented(BaseModel):
    """Says something and holds nothing."""
