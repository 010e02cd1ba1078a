"""The handlers. What they get is checked against the registered schema, and typed by it."""

import json
import logging
import os
from datetime import timedelta
from decimal import Decimal

from pydantic import BaseModel

from shipping.events import (
    OrderCancelled,
    OrderPlaced,
    ShippingQuote,
    ShippingQuoteError,
    ShippingQuoteResponse,
    subscribe,
)
from shipping.events.order_placed_v1 import HomeDelivery, PickupDelivery
from shipping.events.rpc_shipping_quote_v1 import RefusalCode, Speed

logger = logging.getLogger(__name__)

HEAVIEST_KG = Decimal("31.5")
PRICES_CENTS = {Speed.STANDARD: 495, Speed.EXPRESS: 1295}
DAYS = {Speed.STANDARD: timedelta(days=3), Speed.EXPRESS: timedelta(days=1)}
COUNTRIES = {"BE", "DE", "NL"}


def note(line: str, data: BaseModel) -> None:
    """Says in the worker's log what is done; in the file EVENT_LOG, if there is one, also for what."""
    logger.info("%s", line)
    if path := os.environ.get("EVENT_LOG"):
        with open(path, "a", encoding="utf-8") as log:
            log.write(json.dumps({"line": line, "data": repr(data)}) + "\n")


def destination(delivery: HomeDelivery | PickupDelivery) -> str:
    match delivery:
        case HomeDelivery(address=to):
            return f"{to.street}, {to.postcode} {to.city}, {to.country}"
        case PickupDelivery(shop_id=shop):
            return f"shop {shop}"


@subscribe(OrderPlaced)
def plan_shipment(event: OrderPlaced) -> None:
    order = event.data
    weight = sum((line.quantity * line.weight_kg for line in order.lines), Decimal())
    latest = order.deliver_by or order.placed_at.date() + timedelta(days=5)
    note(
        f"order of {order.placed_at:%d %B} by {order.channel.name}: "
        f"{weight} kg to {destination(order.delivery)}, by {latest:%A}",
        order,
    )


@subscribe(OrderCancelled)
def stop_shipment(event: OrderCancelled) -> None:
    note(f"order {event.data.order_id} is stopped: {event.data.reason.name}", event.data)


@subscribe(ShippingQuote)
def quote(event: ShippingQuote) -> ShippingQuoteResponse | ShippingQuoteError:
    parcel = event.data
    if parcel.country not in COUNTRIES:
        return ShippingQuoteError(
            error_code=RefusalCode.NO_SUCH_COUNTRY,
            error_message=f"nothing is sent to {parcel.country}",
        )
    if parcel.weight_kg > HEAVIEST_KG:
        return ShippingQuoteError(
            error_code=RefusalCode.TOO_HEAVY,
            error_message=f"{parcel.weight_kg} kg is too heavy",
            heaviest_kg=HEAVIEST_KG,
        )
    note(f"quote for {parcel.weight_kg} kg to {parcel.country}, {parcel.speed.name}", parcel)
    return ShippingQuoteResponse(
        price_cents=PRICES_CENTS[parcel.speed] + int(50 * parcel.weight_kg),
        speed=parcel.speed,
        arrives_on=parcel.ships_on + DAYS[parcel.speed],
    )
