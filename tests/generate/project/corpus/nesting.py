"""Models in models: nested, recursive, generic, and what is not a class of its own."""

from __future__ import annotations

import dataclasses
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, NamedTuple, Optional, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel
from typing_extensions import NotRequired, TypeAliasType, TypedDict

from . import billing, shipping

T = TypeVar("T")
K = TypeVar("K")


class Address(BaseModel):
    """Where somebody lives.

    Two lines at least,
        and an indented one.
    """

    street: str
    city: str = "Berlin"


class Person(BaseModel):
    name: str
    home: Address
    work: Address | None = None
    others: list[Address] = []
    by_name: dict[str, Address] = {}
    described: Address = Field(description="Where to send it.")
    with_default: Address = Address(street="x")
    with_factory: Optional[Address] = Field(default_factory=lambda: None)


class AllDefaults(BaseModel):
    a: int = 1
    b: list[int] = []


class Factories(BaseModel):
    part: AllDefaults = Field(default_factory=AllDefaults)
    parts: list[AllDefaults] = Field(default_factory=list)
    told: AllDefaults = AllDefaults(a=2)
    told_list: list[AllDefaults] = [AllDefaults(a=3)]


class Tree(BaseModel):
    value: int
    children: list[Tree] = []
    parent: Tree | None = None


class Forest(BaseModel):
    trees: list[Tree]


class Ping(BaseModel):
    pong: Pong | None = None


class Pong(BaseModel):
    ping: Ping | None = None


class Rally(BaseModel):
    first: Ping


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int


class Pair(BaseModel, Generic[T, K]):
    left: T
    right: K


class Generics(BaseModel):
    numbers: Page[int]
    people: Page[Address]
    pair: Pair[str, list[int]]
    nested: Page[Pair[int, Address]]


class GenericRoot(Page[Address]):
    pass


class Tags(RootModel[list[str]]):
    pass


class Lookup(RootModel[dict[str, Address]]):
    """Addresses by name."""


class Maybe(RootModel[Optional[int]]):
    root: Optional[int] = None


class Roots(BaseModel):
    tags: Tags
    lookup: Lookup
    maybe: Maybe | None = None


class NumberList(RootModel[list[Annotated[int, Field(ge=0)]]]):
    """A payload that is a list."""


class Expression(RootModel["int | list[Expression]"]):
    pass


class Formula(BaseModel):
    left: Expression


class Containers(BaseModel):
    listed: list[int]
    bare_list: list
    unique: set[str]
    frozen: frozenset[int]
    pair: tuple[int, str]
    variable: tuple[int, ...]
    empty_tuple: tuple[()]
    mapping: dict[str, int]
    bare_dict: dict
    any_dict: dict[str, Any]
    sequence: Sequence[int]
    read_only: Mapping[str, float]
    queue: deque[int]
    counted: Counter[str]
    deep: dict[str, list[dict[str, int | None]]]
    pairs: list[tuple[int, str]] = []
    sets: list[set[int]] = []
    tuples: set[tuple[int, str]] = set()


class Point(NamedTuple):
    x: int
    y: float = 0.5


class Options(TypedDict):
    name: str
    size: NotRequired[int]


@dataclasses.dataclass
class Box:
    width: int
    label: str = "x"


Number = TypeAliasType("Number", "int | float")
Nested = TypeAliasType("Nested", "int | list[Nested]")


class NotModels(BaseModel):
    point: Point
    options: Options
    box: Box
    number: Number
    nested: Nested
    points: list[Point] = []


class SameNames(BaseModel):
    billing: billing.Address
    shipping: shipping.Address


class Ignoring(BaseModel):
    model_config = ConfigDict(extra="ignore")

    a: int


class Forbidding(BaseModel):
    model_config = ConfigDict(extra="forbid")

    a: int
    inner: Ignoring


class Allowing(BaseModel):
    model_config = ConfigDict(extra="allow")

    a: int


class TypedExtra(BaseModel):
    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, int] = Field(init=False)  # type: ignore[assignment]

    a: str


class Extras(BaseModel):
    forbidding: Forbidding
    allowing: Allowing
    typed: TypedExtra | None = None
