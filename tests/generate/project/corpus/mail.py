"""E-mail and events of an API gateway."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Any, Literal, Optional
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AliasChoices,
    AliasPath,
    Base64Bytes,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    NameEmail,
    computed_field,
)
from typing_extensions import NotRequired, ReadOnly, Required, TypedDict


class Address(BaseModel):
    addr: EmailStr
    named: NameEmail | None = None
    many: list[EmailStr] = ["a@b.com"]
    dct: dict[EmailStr, str] = {}
    st: set[EmailStr] = set()
    default: EmailStr = "x@example.com"
    opt: Optional[EmailStr] = "x@example.com"
    nameds: list[NameEmail] = []
    tup: tuple[EmailStr, EmailStr] | None = None


class Attachment(BaseModel):
    name: str = Field(max_length=255, min_length=1)
    content: Base64Bytes = b"aGVsbG8="
    mime: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")] = "text/plain"
    raw: bytes = Field(b"", max_length=10)


class MailSent(BaseModel):
    model_config = ConfigDict(
        ser_json_timedelta="float", ser_json_bytes="base64", val_json_bytes="base64"
    )
    to: Annotated[list[Address], Field(min_length=1)]
    attachments: list[Attachment] = Field(default=[], max_length=20)
    body: bytes = b"hello"
    delay: timedelta = timedelta(seconds=1.5)
    delays: list[timedelta] = [timedelta(seconds=1)]
    send_at: datetime = datetime(2030, 1, 1, tzinfo=timezone.utc)
    quiet: tuple[time, time] = (time(22), time(6, 30))
    days: set[Literal["mon", "tue"]] = {"mon"}
    times: dict[str, time] = {"a": time(1, 2, 3, 4)}
    date_keys: dict[date, list[datetime]] = {}


class Paths(BaseModel):
    city: str = Field(validation_alias=AliasPath("address", "city"))
    first: str = Field("x", validation_alias=AliasPath("names", 0))
    choice: int = Field(1, validation_alias=AliasChoices("a", "b", AliasPath("c", "d")))
    ser: int = Field(1, serialization_alias="SER")
    both: int = Field(1, validation_alias="in", serialization_alias="out")
    prio: int = Field(1, alias="al", alias_priority=1, serialization_alias="ser2")


class Defaults(BaseModel):
    a: datetime = datetime(2020, 1, 1)
    b: date = date(1999, 12, 31)
    c: list[date] = [date(2020, 1, 1)]
    d: dict[str, list[UUID]] = {"a": [UUID(int=3)]}
    e: set[int] = {5, 3, 1}
    f: frozenset[str] = frozenset(["b", "a"])
    g: tuple[int, ...] = (1, 2)
    h: Optional[list[int]] = None
    i: Any = {"x": [1, {"y": None}]}
    j: Any = (1, 2)
    k: dict[str, Any] = {"a": 1, "b": [1, "x"], "c": {"d": None}}
    l: str | int | list[str] = ["x"]
    m: float = float("1e308")
    n: int = 2**63
    o: int = -(2**70)
    p: bool | None = False
    q: str = "multi\nline\ttab \"quote\" 'single' \\ back"
    r: str = ""
    s: list[list[int]] = [[1], []]
    t: dict[int, str] = {1: "a"}
    u: bytes | None = None
    v: object = 3
    w: list[Any] = [1, "a", None, {}]
    x: timedelta | int = 3
    y: datetime | str = "now"
    z: datetime | date | None = date(2020, 1, 1)
    aa: list[int] | None = []
    bb: dict[str, int] | None = {}
    cc: set[int] | None = {1}
    dd: tuple[int, str] | None = (1, "x")
    ee: list[datetime | None] = [None]
    ff: int | None = Field(default_factory=lambda: 3)
    gg: datetime | None = Field(default_factory=lambda: None)
    hh: UUID | str = Field(default_factory=lambda: "x")
    ii: list[str] | None = Field(default_factory=list)
    jj: tuple[int, int] = Field(default_factory=lambda: (1, 2))
    kk: timedelta = Field(default_factory=timedelta)
    ll: time = Field(default_factory=lambda: time(1))
    mm: Literal["a", "b"] = Field(default_factory=lambda: "b")
    nn: int | str = Field(default_factory=lambda: 1)
    oo: Annotated[int, Field(ge=5)] = Field(default_factory=lambda: 7)
    pp: Annotated[str, Field(min_length=3)] = Field(default_factory=lambda: "abc")
    qq: float = -1.5e-300


class BadDefaults(BaseModel):
    a: int = None
    b: str = 3
    c: list[int] = None
    d: datetime = None
    e: Literal["a"] = "b"
    f: Annotated[int, Field(ge=5)] = 1
    g: dict[str, int] = []
    h: Optional[Address] = {}
    i: Address = None
    j: tuple[int, int] = (1,)
    k: UUID = "not"
    l: date = "2020-13-45"
    m: set[int] = ["a"]
    n: EmailStr = ""
    o: bool = "yes"
    p: float = "1.5"
    q: datetime = "2020-01-01T00:00:00"
    r: Any = ...


class Zone(BaseModel):
    tz: ZoneInfo = ZoneInfo("Europe/Berlin")
    tzs: list[ZoneInfo] = []


class RO(TypedDict):
    a: ReadOnly[int]
    b: NotRequired[ReadOnly[str]]


class Mailbox(TypedDict, total=False):
    name: Required[str]
    unread: int
    children: list[Mailbox]
    parent: Optional[Mailbox]
    ro: RO


class Mailboxes(BaseModel):
    root: Mailbox
    all: dict[str, Mailbox] = {"inbox": {"name": "inbox", "children": [{"name": "x"}]}}


class Quota(BaseModel):
    model_config = ConfigDict(json_schema_mode_override="serialization")
    used: int = 0
    limit: Optional[int] = None

    @computed_field
    @property
    def free(self) -> int:
        return 3


class QuotaHolder(BaseModel):
    q: Quota
    r: Quota = Quota()


class TypedExtraCons(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[int, Field(ge=0, description="counts")]]
    known: str = "x"


EVENTS = (MailSent, Defaults, BadDefaults, Mailboxes, TypedExtraCons, Paths, Zone, QuotaHolder)
