"""One value a field: JSON's own types, and strings that mean something."""

from __future__ import annotations

import datetime as dt
import ipaddress
import pathlib
import re
import uuid
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    UUID4,
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    IPvAnyAddress,
    Json,
    JsonValue,
    NameEmail,
    PostgresDsn,
    SecretStr,
    UrlConstraints,
)


class Primitives(BaseModel):
    a_string: str
    an_integer: int
    a_number: float
    a_flag: bool
    nothing: None
    anything: Any
    an_object: object


class PrimitiveDefaults(BaseModel):
    a_string: str = "web"
    an_integer: int = 3
    a_number: float = 0.5
    whole_number: float = 2
    a_flag: bool = True
    quoted: str = 'a "quoted" \\ text\n'
    long_text: str = "a default that is so long that it cannot stand on the line of its field"
    anything: Any = {"a": [1, None]}


class Temporal(BaseModel):
    moment: dt.datetime
    day: dt.date
    hour: dt.time
    span: dt.timedelta
    aware: AwareDatetime | None = None


class TemporalDefaults(BaseModel):
    moment: dt.datetime = dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
    day: dt.date = dt.date(2020, 1, 2)
    hour: dt.time = dt.time(3, 4)
    span: dt.timedelta = dt.timedelta(minutes=5)
    made_at: dt.datetime = Field(default_factory=lambda: dt.datetime.now(dt.timezone.utc))
    made_on: dt.date = Field(default_factory=dt.date.today)


class Identifiers(BaseModel):
    id: uuid.UUID
    random: UUID4
    fresh: uuid.UUID = Field(default_factory=uuid.uuid4)
    fixed: uuid.UUID = uuid.UUID(int=7)


class Money(BaseModel):
    amount: Decimal
    limited: Annotated[Decimal, Field(gt=0, le=Decimal("1000.5"))]
    rounded: Annotated[Decimal, Field(max_digits=8, decimal_places=2)] = Decimal("1.50")
    maybe: Decimal | None = None
    either: float | str = 0.5


class Contact(BaseModel):
    email: EmailStr
    backup: EmailStr | None = None
    named: NameEmail
    many: list[EmailStr] = []
    fallback: EmailStr = "a@example.com"


class Web(BaseModel):
    any_url: AnyUrl
    page: HttpUrl
    short: Annotated[AnyUrl, UrlConstraints(max_length=50)]
    default: AnyUrl = AnyUrl("https://example.com/x")


class Dsn(BaseModel):
    database: PostgresDsn


class Network(BaseModel):
    v4: ipaddress.IPv4Address
    v6: ipaddress.IPv6Address
    net4: ipaddress.IPv4Network
    net6: ipaddress.IPv6Network
    if4: ipaddress.IPv4Interface
    if6: ipaddress.IPv6Interface
    either: IPvAnyAddress
    home: ipaddress.IPv4Address = ipaddress.IPv4Address("127.0.0.1")


class Binary(BaseModel):
    raw: bytes
    limited: Annotated[bytes, Field(min_length=1, max_length=4)] = b"ab"
    encoded: Base64Bytes | None = None


class Odd(BaseModel):
    path: pathlib.Path
    secret: SecretStr
    expression: re.Pattern[str]
    size: ByteSize = ByteSize(10)


class JsonText(BaseModel):
    parsed: Json[list[int]]
    loose: Json[Any] | None = None
    value: JsonValue
    maybe_value: JsonValue | None = None


class PythonPatterns(BaseModel):
    model_config = ConfigDict(regex_engine="python-re")

    look_ahead: Annotated[str, Field(pattern=r"^(?!admin)\w+$")]
    back: Annotated[str, Field(pattern=r"^(a|b)\1$")] = "aa"
