"""A service that has nothing of the publisher but generated code."""

from __future__ import annotations

import json

from celery import Celery
from celery_salt import subscribe
from celery_salt.core.registry import get_schema_registry

import salt_types

app = Celery("consumer")
app.set_default()


@subscribe(salt_types.OrderEvent)
def on_order(event: salt_types.OrderEvent) -> None:
    order = event.data
    print(type(order).__name__, order.status, order.delivery, order.lines[0].price.amount)
    print(order.metadata, order.lines[0].discounts, order.previous)


@subscribe(salt_types.KeywordsEvent)
def on_keywords(event: salt_types.KeywordsEvent) -> None:
    print(event.data.class_, event.to_dict())


@subscribe(salt_types.NetworkEvent)
def on_network(event: salt_types.NetworkEvent) -> None:
    print(event.data.v4, json.dumps(event.to_dict()))


ORDER = {
    "placed_at": "2020-01-02T03:04:05Z",
    "customer": {"id": "12345678-1234-5678-1234-567812345678", "name": "Ada"},
    "lines": [{"sku": "ABC-1234", "price": {"amount": "1.50"}}],
    "delivery": {"kind": "pickup", "shop": 3},
    "total": {"amount": "1.50"},
    "status": "paid",
}
on_order({**ORDER, "_tchu_meta": {"is_rpc": False}})
on_keywords({"class": "a", "from": 1, "type": "t", "id": 2})
on_network(
    {
        "v4": "127.0.0.1",
        "v6": "::1",
        "net4": "10.0.0.0/8",
        "net6": "2001:db8::/32",
        "if4": "10.0.0.1/8",
        "if6": "2001:db8::1/32",
        "either": "::1",
    }
)
try:
    on_order({**ORDER, "delivery": {"kind": "owl"}})
except Exception as error:
    print(type(error).__name__)

divide = salt_types.Divide(a=1, b=2)
print(divide.respond({"quotient": 0.5}), divide.payload)
registered = get_schema_registry()._schemas["rpc.divide:v1"]
print(sorted(registered), registered["mode"], registered["publisher_module"])
