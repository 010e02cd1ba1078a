"""What services really send: larger models that mix everything."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, Literal, Optional, TypeVar, Union
from uuid import UUID, uuid4

from annotated_types import Ge, Len, MaxLen
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    RootModel,
    StrictBool,
    StrictInt,
    StrictStr,
    computed_field,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.types import PaymentCardNumber

T = TypeVar("T")


class Currency(str, enum.Enum):
    EUR = "EUR"
    USD = "USD"


class Status(str, enum.Enum):
    NEW = "new"
    PAID = "paid"
    CANCELLED = "cancelled"


class Price(BaseModel):
    model_config = ConfigDict(frozen=True)

    amount: Annotated[Decimal, Field(ge=0)]
    currency: Currency = Currency.EUR


class Customer(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    id: UUID
    name: Annotated[str, MaxLen(200)]
    birthday: date | None = None
    tags: Annotated[list[str], Len(0, 5)] = []
    preferences: dict[str, bool | int | str | None] = {}


class Line(BaseModel):
    sku: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{4}$", examples=["ABC-1234"])]
    quantity: Annotated[int, Ge(1)] = 1
    price: Price
    discounts: list[Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=list, max_length=3)


class Shipment(BaseModel):
    kind: Literal["shipment"] = "shipment"
    carrier: str
    eta: datetime | None = None


class Pickup(BaseModel):
    kind: Literal["pickup"] = "pickup"
    shop: int


class Download(BaseModel):
    kind: Literal["download", "link"]
    url: str


Delivery = Annotated[Union[Shipment, Pickup, Download], Field(discriminator="kind")]


class Order(BaseModel):
    """An order, as it was placed."""

    schema_version: ClassVar[int] = 3
    _cache: dict[str, Any] = PrivateAttr(default_factory=dict)

    id: UUID = Field(default_factory=uuid4, description="Ours, not the shop's.")
    placed_at: datetime
    status: Status = Status.NEW
    customer: Customer
    lines: Annotated[list[Line], Field(min_length=1)]
    delivery: Delivery
    deliveries: dict[str, list[Delivery]] | None = None
    total: Price
    notes: Optional[str] = Field(default=None, max_length=1000, description="Free text.")
    metadata: dict[str, Any] = Field(default_factory=dict)
    timeout: timedelta = timedelta(days=3)
    previous: Order | None = None

    @computed_field
    @property
    def line_count(self) -> int:
        return len(self.lines)


class CamelOrder(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    order_id: int
    placed_at: datetime
    shipping_address: dict[str, str] | None = None


class Choices(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    by_choice: int = Field(1, validation_alias=AliasChoices("by-choice", "byChoice"))
    by_path: str = Field("x", validation_alias=AliasPath("outer", "inner"))
    read_as: str = Field("x", validation_alias="readAs")
    written_as: str = Field("x", serialization_alias="writtenAs")


class Strict(BaseModel):
    number: StrictInt
    text: StrictStr
    flag: StrictBool
    card: str = Field("4000000000000002", min_length=12)


class Validated(BaseModel):
    even: Annotated[int, AfterValidator(lambda value: value)]
    before: Annotated[list[int], BeforeValidator(lambda value: value)] = []
    name: str

    @field_validator("name")
    @classmethod
    def _check(cls, value: str) -> str:
        return value

    @model_validator(mode="after")
    def _whole(self) -> Validated:
        return self


class Envelope(BaseModel, Generic[T]):
    """Whatever it is, wrapped."""

    data: T
    errors: list[str] = []


class Envelopes(BaseModel):
    order: Envelope[Price]
    optional: Envelope[Optional[int]]
    listed: Envelope[list[Price]]
    literal: Envelope[Literal["a", "b"]] | None = None
    deep: Envelope[Envelope[Currency]]
    mapping: Envelope[dict[str, Price]] | None = None


class Inherited(Customer):
    """Inherits fields and changes one."""

    name: str = "nobody"
    level: int = Field(0, ge=0)


class FrozenSets(BaseModel):
    prices: frozenset[Price] = frozenset()
    kinds: set[Currency] = {Currency.EUR}
    literals: set[Literal["a", "b"]] = set()
    pairs: frozenset[tuple[int, Currency]] = frozenset()


class Ids(RootModel[list[UUID]]):
    pass


class Matrix(RootModel[list[list[float]]]):
    pass


class WithRoots(BaseModel):
    ids: Ids = Ids([])
    matrix: Matrix | None = None
    more: dict[str, Ids] = {}


class And(BaseModel):
    op: Literal["and"]
    args: list[Filter]


class Not(BaseModel):
    op: Literal["not"]
    arg: Filter


class Compare(BaseModel):
    op: Literal["eq", "lt", "gt"]
    field: str
    value: int | float | str | bool | None


Filter = Annotated[Union[And, Not, Compare], Field(discriminator="op")]

And.model_rebuild()
Not.model_rebuild()


class Query(BaseModel):
    filter: Filter
    order_by: list[tuple[str, Literal["asc", "desc"]]] = [("id", "asc")]
    limit: Annotated[int, Field(gt=0, le=1000)] = 100


class Deprecated(BaseModel):
    """Use something else."""

    model_config = ConfigDict(json_schema_extra={"deprecated": True})

    old: int = Field(0, deprecated="use new")
    new: int = 0


class NoTitles(BaseModel):
    model_config = ConfigDict(title="", json_schema_extra={"$comment": "of no use"})

    a: int = Field(title="")


class Money(BaseModel):
    amounts: list[Decimal] = []
    by_currency: dict[Currency, Decimal] = {}
    choice: Decimal | Literal["free"] = "free"
    zero: Decimal = Decimal(0)
    small: Decimal | None = Decimal("0.001")
    dates: list[date] = [date(2020, 1, 1)]
    moments: dict[str, datetime] = {"start": datetime(2020, 1, 1)}
    prices: list[Price] = [Price(amount=Decimal(1))]


class LongNamesThatGoOnAndOn(BaseModel):
    a_field_with_a_name_that_is_as_long_as_somebody_could_ever_want_it_to_be_really: int
    another_field_with_a_name_that_is_rather_long_but_not_quite_as_long_as_it: str | None = None
    a_third_field_with_quite_a_long_name_and_a_long_default_too: str = "a default that is long"
    a_fourth_field_with_a_longer_type: dict[str, list[tuple[int, str, float | None]]] | None = None
    a_fifth_field: Literal["one option", "another option", "a third option", "a fourth"] | None = (
        None
    )
    a_sixth_field_whose_name_is_long_and_whose_type_is_short_and_that_has_a_default: int = 1
    a_seventh_one: dict[str, LongNamesThatGoOnAndOn] = {}
    an_eighth: list[Envelope[LongNamesThatGoOnAndOn]] | list[Envelope[Currency]] | None = None
    a_ninth_field_with_quite_a_long_name_and_a_list_as_its_default_value_here: list[str] = ["a"]
    a_tenth_field_with_quite_a_long_name_so_that_nothing_fits_on_its_line_here_at: int | None = None
    an_eleventh_field: Annotated[str, Field(description="Short.")] = "and a default that is longer"
