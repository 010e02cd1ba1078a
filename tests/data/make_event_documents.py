"""Event documents as registries keep them, one a line, from real Pydantic models.

Needs pydantic 2 and email-validator. Prints to standard output.
"""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar, Union
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, RootModel

T = TypeVar("T")
HOSTILE = (
    "ends a comment */ alert(1) /* and a <script>alert(\"x\")</script> & `code` | pipe\n"
    "# no heading\n---\n- no list\n```\nno fence\r\u2028line \u202eright to left\u202c \x07bell \\ end \""
)


def document(topic, version, schema, **others):
    full = {
        "topic": topic,
        "version": version,
        "mode": "broadcast",
        "description": "",
        "schema": schema,
        "response_schema": None,
        "error_schema": None,
        "publisher": None,
        "owner": None,
        "deprecated": False,
        "annotations": {},
    }
    full.update(others)
    print(json.dumps(full, ensure_ascii=False))


def publisher(name, module="shop.events", service="shop"):
    return {"module": module, "class": name, "service": service}


class CardPayment(BaseModel):
    """Paid by card."""

    method: Literal["card"]
    last4: str = Field(pattern=r"^\d{4}$")
    brand: Literal["visa", "mastercard", "amex"]


class BankPayment(BaseModel):
    method: Literal["bank"] = "bank"
    iban: str


class WalletPayment(BaseModel):
    method: Literal["wallet", "voucher"]
    wallet_id: UUID


class Currency(str, Enum):
    EUR = "EUR"
    USD = "USD"


class Money(BaseModel):
    amount: Decimal = Field(ge=0, description="In the currency's main unit.")
    currency: Currency = Currency.EUR


class Line(BaseModel):
    sku: str = Field(min_length=1, max_length=40)
    quantity: int = Field(ge=1, le=1000)
    price: Money


class Address(BaseModel):
    street: str
    city: str
    country: str = Field(min_length=2, max_length=2, examples=["DE"])


class OrderCreatedV1(BaseModel):
    order_id: int
    total: float
    note: Optional[str] = None


class OrderCreated(BaseModel):
    """An order was placed and paid."""

    order_id: str = Field(pattern=r"^ord_[a-z0-9]{8,}$", description="Unique over all shops.")
    placed_at: datetime
    lines: list[Line] = Field(min_length=1)
    payment: Annotated[
        Union[CardPayment, BankPayment, WalletPayment], Field(discriminator="method")
    ]
    shipping: Optional[Address] = None
    coupon_codes: list[str] = []
    note: Optional[str] = Field(description="What the customer wrote; null when nothing.")


class Node(BaseModel):
    name: str
    children: list["Node"] = []
    parent: Optional["Node"] = None


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int


class Priority(IntEnum):
    LOW = 1
    HIGH = 9


class Everything(BaseModel):
    a_string: str
    an_integer: int
    a_number: float
    a_flag: bool
    nothing: None
    anything: Any
    a_date: date
    a_time: time
    a_duration: timedelta
    an_id: UUID
    an_email: EmailStr
    a_decimal: Decimal
    some_bytes: bytes
    a_choice: Literal["a", 1, True, None]
    a_priority: Priority
    a_list: list[int]
    a_set: set[str]
    a_pair: tuple[int, str]
    any_tuple: tuple[int, ...]
    a_dict: dict[str, int]
    by_number: dict[int, str]
    by_currency: dict[Currency, Money]
    a_matrix: list[list[float]]
    a_union: Union[int, str, list[Money], None]
    big: int = Field(ge=2**60)
    half: float = Field(multiple_of=0.5, gt=0, lt=10)
    required_null: Optional[int]
    optional: int = 3
    optional_null: Optional[int] = None


class Awkward(BaseModel):
    model_config = ConfigDict(populate_by_name=True, extra="allow")

    user_id: int = Field(alias="user-id")
    klass: str = Field(alias="class")
    first: str = Field(alias="2fa")
    empty: str = Field(alias="")
    quoted: str = Field(alias='a"b\\c')
    unicode: str = Field(alias="größe")
    proto: str = Field(alias="__proto__")
    spaced: str = Field(alias="two words")
    hostile: str = Field(alias="*/ x", description=HOSTILE)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: int


class Empty(BaseModel):
    pass


class Quote(BaseModel):
    product: str
    quantity: int = 1


class Quoted(BaseModel):
    price: Money
    valid_until: datetime


class QuoteFailed(BaseModel):
    error_code: Literal["unknown_product", "out_of_stock"]
    error_message: str
    details: Optional[dict[str, Any]] = None


class Json(RootModel[Union[str, int, list["Json"], dict[str, "Json"], None]]):
    pass


def main():
    document(
        "order.created",
        "v1",
        OrderCreatedV1.model_json_schema(),
        description="An order was placed.",
        publisher=publisher("OrderCreated"),
        owner="team-checkout",
        deprecated="v2 says how the order was paid",
    )
    document(
        "order.created",
        "v2",
        OrderCreated.model_json_schema(),
        description="An order was placed and paid.",
        publisher=publisher("OrderCreated"),
        owner="team-checkout",
        annotations={
            "pii": ["shipping"],
            "retention": "90 days",
            "subscribers": ["billing.handlers.on_order@v1", "mail@latest", "audit"],
        },
    )
    document(
        "rpc.price.quote",
        "v1",
        Quote.model_json_schema(),
        mode="rpc",
        description="What does it cost?",
        response_schema=Quoted.model_json_schema(),
        error_schema=QuoteFailed.model_json_schema(),
        publisher=publisher("PriceQuote", "pricing.events", "pricing"),
    )
    document("tree.grown", "v1", Node.model_json_schema())
    document("page.turned", "v1", Page[Line].model_json_schema(), publisher=publisher("PageTurned"))
    document("all.types", "v1", Everything.model_json_schema())
    document("awkward.names", "v1", Awkward.model_json_schema(), description=HOSTILE, owner=HOSTILE)
    document("strict.one", "v1.2.0", Strict.model_json_schema())
    document("nothing.said", "v1", Empty.model_json_schema(), mode="rpc")
    document("json.value", "v1", Json.model_json_schema())
    # Two topics that become the same words.
    document("user.session_started", "v1", Strict.model_json_schema())
    document("user_session.started", "v1", Strict.model_json_schema())
    # Topics that no language likes.
    document("größe.{id}/x?#<b>", "v1", Strict.model_json_schema())
    document("2fa.enabled", "v1", Strict.model_json_schema())
    document("order.created.v1", "v1", Strict.model_json_schema())
    # Not Pydantic's.
    document("any.value", "v1", True)
    document("odd.keywords", "v1", ODD)


ODD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/odd",
    "$defs": {
        "A": {"$ref": "#/$defs/B"},
        "B": {"$ref": "#/$defs/A"},
        "a/b~c": {"type": "integer"},
        "shop__billing__Address": {"type": "object", "properties": {"a": {"type": "string"}}},
        "shop__shipping__Address": {"type": "object", "properties": {"b": {"type": "string"}}},
        "2fa": {"enum": [1, 2.5, "x", None, {"k": [1]}]},
        "Large": {"const": 123456789012345678901234567890},
    },
    "type": "object",
    "properties": {
        "circle": {"$ref": "#/$defs/A"},
        "slash": {"$ref": "#/$defs/a~1b~0c", "description": "beside a reference", "default": 1},
        "billing": {"$ref": "#/$defs/shop__billing__Address"},
        "shipping": {"$ref": "#/$defs/shop__shipping__Address"},
        "second": {"$ref": "#/$defs/2fa"},
        "large": {"$ref": "#/$defs/Large"},
        "nested": {"type": "object", "properties": {"again": {"$ref": "#/properties/billing"}}},
        "self": {"$ref": "#"},
        "remote": {"$ref": "https://example.com/other.json"},
        "lost": {"$ref": "#/$defs/Missing"},
        "not": {"not": {"type": "string"}},
        "all": {"allOf": [{"$ref": "#/$defs/shop__billing__Address"}, {"required": ["a"]}]},
        "some": {"type": ["string", "null"], "maxLength": 3},
        "open_tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}],
                       "items": {"type": "boolean"}, "minItems": 1},
        "python": {"type": "string", "pattern": "(?i)^a\\Z"},
        "by_pattern": {"type": "object", "patternProperties": {"^x": {"type": "integer"}}},
        "mixed": {"type": "object", "properties": {"id": {"type": "integer"}},
                  "additionalProperties": {"type": "string"}, "required": ["id", "other"]},
        "never": False,
    },
    "dependentRequired": {"circle": ["slash"]},
    "unevaluatedProperties": False,
    "minProperties": "three",
    "externalDocs": 7,
}

main()
