"""Literals, enumerations, unions."""

from __future__ import annotations

import enum
from typing import Annotated, Literal, Optional, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, RootModel, Tag


class Colour(str, enum.Enum):
    """A colour of the rainbow."""

    RED = "red"
    DARK_BLUE = "dark-blue"
    Two = "2"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10
    BELOW = -1


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"
    NONE = None


class Plain(enum.Enum):
    camelCase = "camelCase"
    SNAKE = "snake_case"
    SPACED = "with space"
    EMPTY = ""


class Rate(float, enum.Enum):
    LOW = 0.5
    HIGH = 1.5


class Literals(BaseModel):
    one: Literal["a"]
    many: Literal["a", "b", "c"]
    numbers: Literal[1, 2, 3]
    mixed: Literal["a", 1, None]
    flag: Literal[True]
    optional: Literal["x", "y"] | None = None
    defaulted: Literal["x", "y"] = "y"
    quoted: Literal['"', "'", "\\", "\n"] = "'"
    listed: list[Literal["a", "b"]] = ["a"]


class Enums(BaseModel):
    colour: Colour
    level: Level
    mixed: Mixed
    plain: Plain
    rate: Rate
    optional: Optional[Colour] = None
    defaulted: Colour = Colour.DARK_BLUE
    listed: list[Colour] = [Colour.RED]
    keyed: dict[Colour, int] = {}
    made: Level = Field(default_factory=lambda: Level.HIGH)
    described: Colour = Field(Colour.RED, description="What it looks like.")
    only: Literal[Colour.RED] = Colour.RED


class Unions(BaseModel):
    simple: int | str
    three: Union[int, str, bool]
    nullable: int | str | None
    listed: list[int | str]
    of_lists: list[int] | dict[str, int]
    deep: list[int | None] | None = None
    defaulted: int | str = "x"


class Card(BaseModel):
    method: Literal["card"]
    last4: Annotated[str, Field(pattern=r"^\d{4}$")]


class Bank(BaseModel):
    method: Literal["bank", "sepa"]
    iban: str


class Wallet(BaseModel):
    method: Literal["wallet"] = "wallet"
    owner: str | None = None


Payment = Annotated[Card | Bank | Wallet, Field(discriminator="method")]


class Discriminated(BaseModel):
    payment: Payment
    history: list[Payment]
    by_name: dict[str, Payment]
    optional: Payment | None = None
    nullable: Payment | None
    pair: tuple[Payment, int]
    described: Payment = Field(description="How it was paid.")
    field_level: Card | Bank | None = Field(None, discriminator="method")
    nested: list[dict[str, Payment | None]] = []


class Cat(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    kind: Literal["cat"] = Field(alias="pet-kind")
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = Field(alias="pet-kind")
    name: str


class AliasedTag(BaseModel):
    pet: Cat | Dog = Field(discriminator="kind")


class Red(BaseModel):
    colour: Literal[Colour.RED]
    depth: int


class Blue(BaseModel):
    colour: Literal[Colour.DARK_BLUE]
    shade: str


class EnumTag(BaseModel):
    paint: Red | Blue = Field(discriminator="colour")


class NumberTagA(BaseModel):
    code: Literal[1]
    a: int


class NumberTagB(BaseModel):
    code: Literal[2, 3]
    b: int


class NumberTag(BaseModel):
    body: NumberTagA | NumberTagB = Field(discriminator="code")


class BlackCat(BaseModel):
    pet: Literal["cat"]
    colour: Literal["black"]
    luck: int


class WhiteCat(BaseModel):
    pet: Literal["cat"]
    colour: Literal["white"]
    name: str


class Lizard(BaseModel):
    pet: Literal["lizard"]
    scales: bool


class NestedTag(BaseModel):
    pet: Annotated[
        Annotated[BlackCat | WhiteCat, Field(discriminator="colour")] | Lizard,
        Field(discriminator="pet"),
    ]


def _shape(value: object) -> str:
    if isinstance(value, dict):
        return "round" if "radius" in value else "square"
    return "round" if hasattr(value, "radius") else "square"


class Round(BaseModel):
    radius: float


class Square(BaseModel):
    side: float


class CallableTag(BaseModel):
    shape: Annotated[
        Annotated[Round, Tag("round")] | Annotated[Square, Tag("square")],
        Discriminator(_shape),
    ]


class RootUnion(RootModel[Payment]):
    pass


class ModelUnion(BaseModel):
    either: Card | Bank
    with_null: Card | Bank | None = None
    with_scalar: Card | int | None = None
