"""Everything that celery-salt would do wrong."""

import datetime
import decimal
import enum
import uuid
from typing import Optional

from celery_salt import SaltEvent, event, subscribe
from pydantic import BaseModel, ConfigDict, Field, RootModel, field_serializer, field_validator


class Color(enum.Enum):
    RED = "red"


class Address(BaseModel):
    street_name: str = Field(alias="streetName")


class Unsendable(SaltEvent):
    class Schema(BaseModel):
        took: Optional[datetime.timedelta] = None
        color: Color
        by_id: dict[uuid.UUID, int]
        price: decimal.Decimal
        address: Address
        fine: datetime.timedelta

        @field_serializer("fine")
        def seconds(self, value):
            return value.total_seconds()

    class Meta:
        topic = "trap.unsendable"


class SentByName(SaltEvent):
    class Schema(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        user_id: int = Field(alias="userId")

    class Meta:
        topic = "trap.alias"


class Base:
    inherited: int


@event("trap.inherited")
class Inherited(Base):
    own: int

    @field_validator("own")
    def check(cls, value):
        return value


@event("trap.model")
class Model(BaseModel):
    a: int = 1


class Rooted(SaltEvent):
    class Schema(RootModel[list[int]]):
        pass

    class Meta:
        topic = "trap.root"


class RootedMapping(SaltEvent):
    class Schema(RootModel[dict[str, int]]):
        pass

    class Meta:
        topic = "trap.mapping"


@event("rpc.trap", mode="rpc", version="v1")
class First:
    a: int


@event.response("rpc.trap", version="v1")
class FirstResponse:
    b: int


@event("rpc.trap", mode="rpc", version="v2")
class Second:
    a: int


@event.response("rpc.trap", version="v2")
class SecondResponse:
    c: int


@event.response("rpc.nobody")
class Orphan:
    a: int


@subscribe("elsewhere.topic", version="v3")
def on_elsewhere(data):
    pass
