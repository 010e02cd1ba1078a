"""Does by hand what a web shop would do.

    python -m orders place
    python -m orders cancel
    python -m orders quote NL 2.5 --speed express
"""

import argparse
import logging
import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from uuid import UUID

import orders.app  # noqa: F401  events are sent by the current app
from orders.events import (
    Address,
    CancelReason,
    Channel,
    Customer,
    HomeDelivery,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    ShippingQuote,
    Speed,
)

ORDER_ID = UUID("8d9f0e3a-52c5-4a0e-9d6c-6c1f5b1f7a10")


def place() -> None:
    event = OrderPlaced(
        order_id=ORDER_ID,
        placed_at=datetime(2026, 11, 23, 9, 30, tzinfo=timezone.utc),
        channel=Channel.APP,
        customer=Customer(id=7, name="Zoë Jansen"),
        lines=[
            OrderLine(sku="MUG-0001", quantity=2, unit_price_cents=1250, weight_kg=Decimal("0.35")),
            OrderLine(sku="TEA-0420", quantity=1, unit_price_cents=695, weight_kg=Decimal("0.1")),
        ],
        delivery=HomeDelivery(
            address=Address(street="Oudegracht 1", postcode="3511", city="Utrecht", country="NL"),
        ),
        deliver_by=date(2026, 11, 27),
    )
    print(f"published {event.Meta.topic} {event.publish()}")


def cancel() -> None:
    event = OrderCancelled(
        order_id=ORDER_ID,
        cancelled_at=datetime(2026, 11, 23, 10, 15, tzinfo=timezone.utc),
        reason=CancelReason.OUT_OF_STOCK,
        refund_cents=3195,
    )
    print(f"published {event.Meta.topic} {event.publish()}")


def quote(country: str, weight_kg: Decimal, speed: Speed) -> int:
    request = ShippingQuote(
        country=country, weight_kg=weight_kg, ships_on=date(2026, 11, 24), speed=speed
    )
    answer = request.call(timeout=20).data
    if isinstance(answer, ShippingQuote.Error):
        print(f"refused, {answer.error_code.name}: {answer.error_message}")
        if answer.heaviest_kg is not None:
            print(f"{weight_kg - answer.heaviest_kg} kg less would do")
        return 1
    price = f"{answer.price_cents / 100:.2f} {answer.currency}"
    print(f"{answer.speed.name}: {price}, there on {answer.arrives_on:%A %d %B}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m orders")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("place", help="publish order.placed")
    commands.add_parser("cancel", help="publish order.cancelled")
    asking = commands.add_parser("quote", help="call rpc.shipping.quote")
    asking.add_argument("country")
    asking.add_argument("weight_kg", type=Decimal)
    asking.add_argument("--speed", type=Speed, default=Speed.STANDARD, help="standard or express")
    words = parser.parse_args()
    logging.disable(logging.INFO)  # celery-salt writes every event to stderr
    if words.command == "quote":
        return quote(words.country, words.weight_kg, words.speed)
    if words.command == "place":
        place()
    else:
        cancel()
    return 0


if __name__ == "__main__":
    sys.exit(main())
