"""Payments: a company with a card processor."""

from __future__ import annotations

import enum
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

from pydantic import (
    AliasChoices,
    AliasPath,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeInt,
    PastDate,
    PositiveInt,
    RootModel,
    SecretStr,
    computed_field,
    condecimal,
    confloat,
    conint,
    conlist,
    conset,
    constr,
)
from pydantic.alias_generators import to_camel, to_pascal


class Currency(enum.StrEnum):
    EUR = "EUR"
    USD = "USD"
    GBP = enum.auto()


class Money(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", title="Monetary amount")
    value: condecimal(max_digits=12, decimal_places=4, ge=0)
    currency: Currency = Currency.EUR


class CardScheme(enum.Enum):
    VISA = "visa"
    MC = "mastercard"


class CardDetails(BaseModel):
    type: Literal["card"] = "card"
    scheme: CardScheme
    pan: SecretStr
    cvc: SecretStr = Field(min_length=3, max_length=4)
    expiry_month: Annotated[int, Field(ge=1, le=12)]
    expiry_year: conint(ge=2020, lt=2100)


class IbanDetails(BaseModel):
    type: Literal["iban", "sepa"]
    iban: constr(pattern=r"^[A-Z]{2}\d{2}[A-Z0-9]{1,30}$", to_upper=True)
    bic: constr(min_length=8, max_length=11) | None = None


class CryptoDetails(BaseModel):
    type: Literal["crypto"]
    address: bytes
    chain_id: NonNegativeInt


Instrument = Annotated[Union[CardDetails, IbanDetails, CryptoDetails], Field(discriminator="type")]


class ChargeCreated(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    charge_id: UUID
    amount_due: Money
    amount_captured: Money = Money(value=Decimal("0"), currency=Currency.USD)
    instrument: Instrument
    fallback_instruments: list[Instrument] = []
    instruments_by_priority: dict[int, Instrument] = {}
    created_at: AwareDatetime
    settled_on: Optional[PastDate] = None
    risk_score: FiniteFloat = 0.0


class ChargeFailed(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True, extra="allow")
    charge_id: UUID
    failure_code: Literal["declined", "expired", 51, None]
    retry_after: timedelta = timedelta(hours=1, minutes=30, seconds=5)
    raw_response: dict[str, Any] | None = None


class Refund(BaseModel):
    refund_amounts: conlist(Money, min_length=1, max_length=10)
    reasons: conset(str, min_length=1)
    approved_by: Annotated[
        str, Field(validation_alias=AliasChoices("approvedBy", "approver", AliasPath("meta", "by")))
    ] = "system"
    ratio: confloat(gt=0, le=1, multiple_of=0.01) = 1
    cut_off: time = time(17, 30, tzinfo=timezone.utc)


class Ledger(BaseModel):
    balance: Decimal
    bounded: Decimal = Field(ge=Decimal("-1000000.00"), le=Decimal("1000000.00"))
    places: Annotated[Decimal, Field(decimal_places=2)] = Decimal("0.10")
    digits: Annotated[Decimal, Field(max_digits=5)] | None = None
    list_of: list[condecimal(gt=0)] = [Decimal("1.5"), Decimal("2")]
    pairs: dict[Currency, Decimal] = {Currency.EUR: Decimal("3.14")}
    either: Decimal | int = 4
    num: int | float | Decimal = 1


class Payout(BaseModel):
    """Money goes out.

    Args:
        amount: how much
        destination: "where" it goes \\ to
    """

    model_config = ConfigDict(use_enum_values=True, validate_default=True, strict=False)
    amount: int = Field(gt=0, description="In minor units, e.g. 1000 = €10.00")
    currency: Currency = Currency.USD
    currencies: set[Currency] = {Currency.EUR, Currency.USD}
    schedule: Literal[Currency.EUR, "weekly"] = "weekly"


class Fee(BaseModel):
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
    base: float = 0.1
    extra: Optional[float] = None
    computed: str = "x"

    @computed_field(description="Sum", alias="totalFee")
    @property
    def total(self) -> Decimal:
        return Decimal(1)

    @computed_field
    def parts(self) -> list[Money]:
        return []


class FeeList(RootModel[list[Fee]]):
    model_config = ConfigDict(title="Fees")
    root: list[Fee] = Field(
        min_length=1, max_length=100, description="All fees", examples=[[{"base": 1}]]
    )


class Settlement(BaseModel):
    lines: dict[
        Annotated[str, Field(pattern="^[a-z]+$", min_length=2)], dict[Currency, list[Money]]
    ]
    totals: dict[CardScheme, Money] = {CardScheme.VISA: Money(value=Decimal("1.50"))}
    by_day: dict[date, int] = {date(2024, 1, 1): 3}
    by_uuid: dict[UUID, str] = {}
    by_num: dict[float, str] = {}
    by_bool: dict[bool, str] = {}
    by_lit: dict[Literal["a", "b"], int] = {"a": 1}
    by_lit_int: dict[Literal[1, 2], int] = {1: 1}
    by_tuple: dict[tuple[int, str], int] = {}


class Mandate(BaseModel):
    amount: Annotated[Money, Field(description="Limit", examples=[{"value": "1"}])]
    amount_titled: Money = Field(title="The limit", default_factory=lambda: Money(value=Decimal(1)))
    amount_none: Money | None = Field(None, title="Maybe", description="Maybe a limit")
    amount_extra: Money = Field(json_schema_extra={"x-pii": False, "readOnly": True})
    deprecated_amount: Money = Field(Money(value=Decimal(2)), deprecated=True)
    lst: Annotated[list[Money], Field(title="List of", description="L")] = Field(
        [], description="Outer"
    )


class Subscription(BaseModel):
    interval: Literal["day", "week", "month", "year"] = "month"
    count: PositiveInt = 1
    anchor: Optional[Annotated[int, Field(ge=1, le=31)]] = None
    trial: timedelta | None = timedelta(days=14)
    pause: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=90))] = timedelta(0)
    starts: Annotated[date, Field(ge=date(2020, 1, 1))] = date(2024, 12, 31)
    window: tuple[datetime, datetime] | None = None
    windows: list[tuple[date, date]] = [(date(2024, 1, 1), date(2024, 12, 31))]


class ExchangeRate(BaseModel):
    pair: tuple[Currency, Currency]
    pairs: dict[str, tuple[Currency, Currency]] = {"a": (Currency.EUR, Currency.USD)}
    rate: float = Field(gt=0, allow_inf_nan=False)
    bid: float = 1e-7
    ask: float = 1.0
    big: float = 1e22
    inv: float = 0.1 + 0.2
    neg: int = -5
    zero: float = -0.0


EVENTS = (
    ChargeCreated,
    ChargeFailed,
    Refund,
    Ledger,
    Settlement,
    Mandate,
    Subscription,
    ExchangeRate,
    Payout,
    Fee,
    FeeList,
)
