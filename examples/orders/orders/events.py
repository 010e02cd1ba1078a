"""What the order service tells others, and what it asks them.

No other service imports this module. `celerysalt schema register` puts it into the registry, and
`celerysalt generate stubs` makes code of that.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

from celery_salt import SaltEvent
from pydantic import BaseModel, Field

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]
Cents = Annotated[int, Field(ge=0)]
Weight = Annotated[Decimal, Field(gt=0)]


class Channel(str, Enum):
    WEB = "web"
    APP = "app"
    PHONE = "phone"


class CancelReason(str, Enum):
    CUSTOMER = "customer"
    OUT_OF_STOCK = "out-of-stock"
    PAYMENT_FAILED = "payment-failed"


class Speed(str, Enum):
    STANDARD = "standard"
    EXPRESS = "express"


class RefusalCode(str, Enum):
    NO_SUCH_COUNTRY = "NO_SUCH_COUNTRY"
    TOO_HEAVY = "TOO_HEAVY"


class Customer(BaseModel):
    id: int
    name: str
    email: str | None = None


class OrderLine(BaseModel):
    sku: Annotated[str, Field(pattern=r"^[A-Z]{3}-[0-9]{4}$")]
    quantity: Annotated[int, Field(ge=1, le=999)]
    unit_price_cents: Cents
    weight_kg: Weight


class Address(BaseModel):
    street: str
    postcode: str
    city: str
    country: Country


class HomeDelivery(BaseModel):
    """To the customer's door."""

    kind: Literal["home"] = "home"
    address: Address
    leave_at_door: bool = False


class PickupDelivery(BaseModel):
    """To a shop, where the customer collects it."""

    kind: Literal["pickup"] = "pickup"
    shop_id: int


class OrderPlaced(SaltEvent):
    class Schema(BaseModel):
        order_id: UUID
        placed_at: datetime
        channel: Channel = Channel.WEB
        customer: Customer
        lines: Annotated[list[OrderLine], Field(min_length=1)]
        delivery: Annotated[HomeDelivery | PickupDelivery, Field(discriminator="kind")]
        deliver_by: date | None = Field(None, description="The last day that is early enough.")
        gift_note: Annotated[str, Field(max_length=200)] | None = None

    class Meta:
        topic = "order.placed"
        description = "A customer placed an order and paid for it."


class OrderCancelled(SaltEvent):
    class Schema(BaseModel):
        order_id: UUID
        cancelled_at: datetime
        reason: CancelReason
        refund_cents: Cents | None = None

    class Meta:
        topic = "order.cancelled"
        description = "An order will not be delivered."


class BasketAbandoned(SaltEvent):
    class Schema(BaseModel):
        customer_id: int | None
        skus: list[str]
        abandoned_at: datetime

    class Meta:
        topic = "basket.abandoned"
        description = "A visitor left without buying what was in the basket."


class ShippingQuote(SaltEvent):
    class Schema(BaseModel):
        country: Country
        weight_kg: Weight
        ships_on: date
        speed: Speed = Speed.STANDARD

    class Response(BaseModel):
        price_cents: Cents
        currency: Literal["EUR"] = "EUR"
        speed: Speed
        arrives_on: date

    class Error(BaseModel):
        error_code: RefusalCode
        error_message: str
        heaviest_kg: Weight | None = None

    class Meta:
        topic = "rpc.shipping.quote"
        mode = "rpc"
        description = "What it costs to send a parcel, and when it arrives."
