"""Event classes as teams write them: decorators, classes, RPC, a class that is not registered."""

import uuid
from datetime import datetime
from typing import Optional

from celery_salt import SaltEvent, event, subscribe
from pydantic import BaseModel, Field, computed_field

print("modules may print what they like")


@event("user.signup")
class UserSignup:
    user_id: int
    email: str
    source: str = "web"


@event("rpc.documents.list", mode="rpc")
class DocumentList:
    user_id: int = Field(gt=0)


@event.response("rpc.documents.list")
class DocumentListResponse:
    documents: list[dict]


@event.error("rpc.documents.list")
class DocumentListError:
    error_code: str


class OrderCreated(SaltEvent):
    class Schema(BaseModel):
        order_id: uuid.UUID
        at: datetime
        note: Optional[str] = None

        @computed_field
        @property
        def year(self) -> int:
            return self.at.year

    class Meta:
        topic = "order.created"
        version = "v2"
        description = "An order was placed"


class Quiet(SaltEvent):
    class Schema(BaseModel):
        a: int

    class Response(BaseModel):
        ok: bool

    class Meta:
        topic = "rpc.quiet"
        mode = "rpc"
        auto_register = False


@subscribe(OrderCreated)
def on_order(order):
    pass


@subscribe("user.#")
def on_user(user):
    pass
