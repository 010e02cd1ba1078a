"""A warehouse: what random models found that those written by hand did not have."""

from __future__ import annotations

import enum
from datetime import time
from ipaddress import IPv4Address
from typing import Annotated, Generic, Literal, NamedTuple, Optional, TypeVar, Union

from pydantic import BaseModel, Field, RootModel
from typing_extensions import TypeAliasType

T = TypeVar("T")

JSONA = TypeAliasType("JSONA", "Union[dict[str, JSONA], list[JSONA], str, int, None]")


class Aisle(str, enum.Enum):
    A = "a"
    B = "b-c"


class Shelf(NamedTuple):
    row: int
    column: int = 0
    label: Optional[str] = None


class Route(NamedTuple):
    """From one shelf to another."""

    start: Shelf
    end: Shelf = Shelf(1, 2)
    aisles: list[Aisle] = [Aisle.A]


class Picked(BaseModel):
    shelf: Shelf
    route: Route = Route(Shelf(1), Shelf(2))
    shelves: set[Shelf] = {Shelf(1)}
    routes: dict[str, list[Route]] = {}


class Configured(BaseModel):
    config_: str = Field("", alias="Config")
    config: int = 1
    meta: Shelf = Field(Shelf(3), alias="Meta")


class Scan(RootModel[Union[IPv4Address, tuple[JSONA, dict[Aisle, time]], None]]):
    pass


class Box(BaseModel, Generic[T]):
    item: T
    more: list[T] = []


class Pallet(BaseModel):
    boxes: Box[Union[list[Shelf], Box[list[Literal["fragile", "heavy"]]]]] = Box[
        Union[list[Shelf], Box[list[Literal["fragile", "heavy"]]]]
    ](item=[Shelf(1)])
    deep: Box[tuple[tuple[list[Literal[1, "a", 2]], ...], ...]] = Field(
        default_factory=lambda: Box[tuple[tuple[list[Literal[1, "a", 2]], ...], ...]](item=())
    )
    counts: Annotated[list[int], Field(description="Of each box.")] = [1]


EVENTS = (Picked, Configured, Scan, Pallet)
