"""Ticketing: discriminators of all sorts, inheritance, modules with same names."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from . import north, south

T = TypeVar("T")


class Kind(enum.Enum):
    BUG = 1
    TASK = 2


class K(str, enum.Enum):
    A = "a"
    B = "b"
    C = "c"


class Bug(BaseModel):
    kind: Literal[Kind.BUG] = Kind.BUG
    steps: list[str] = []


class Task(BaseModel):
    kind: Literal[Kind.TASK]
    due: datetime | None = None


class AB(BaseModel):
    k: Literal[K.A, K.B]
    n: int = 1


class C(BaseModel):
    k: Literal[K.C] = K.C
    s: str = ""


class Ticket(BaseModel):
    item: Bug | Task = Field(discriminator="kind")
    ab: Annotated[AB | C, Field(discriminator="k")] = AB(k=K.B)
    lst: list[Annotated[Bug | Task, Discriminator("kind")]] = [Bug()]
    opt: Optional[Annotated[AB | C, Discriminator("k")]] = C()
    tup: tuple[Annotated[AB | C, Discriminator("k")], ...] = ()
    dct: dict[str, list[Annotated[AB | C, Discriminator("k")]]] = {"a": [C(s="x")]}
    titled: Annotated[AB | C, Discriminator("k")] = Field(
        C(), title="The item", description="A or C", examples=[{"k": "c"}]
    )
    plain: AB | C | None = AB(k="a", n=3)


class Cmd(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    op: Literal["open"] = Field("open", alias="@op")
    x: int = 1


class Cmd2(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    op: Literal["close", "shut"] = Field(alias="@op")


class Cmd3(BaseModel):
    class_: Literal["k3"] = Field(alias="class")


class Cmd4(BaseModel):
    class_: Literal["k4"] = Field(alias="class")


class Commands(BaseModel):
    one: Annotated[Cmd | Cmd2, Field(discriminator="op")]
    many: list[Annotated[Cmd | Cmd2, Field(discriminator="op")]] = []
    kw: Annotated[Cmd3 | Cmd4, Field(discriminator="class_")]
    kws: dict[str, Annotated[Cmd3 | Cmd4, Field(discriminator="class_")]] | None = None


class Mail(BaseModel):
    channel: Literal["mail"]
    sub: Annotated[Union[MailHtml, MailText], Field(discriminator="fmt")]


class MailHtml(BaseModel):
    fmt: Literal["html"]
    html: str


class MailText(BaseModel):
    fmt: Literal["text"]
    reply: Optional[Notification] = None


class Sms(BaseModel):
    channel: Literal["sms"]
    level: Literal[1, 2]


class SmsPro(BaseModel):
    channel: Literal["sms"]
    level: Literal[3]
    extra: str


Notification = Annotated[
    Union[Mail, Annotated[Union[Sms, SmsPro], Field(discriminator="level")]],
    Field(discriminator="channel"),
]


Mail.model_rebuild()
MailText.model_rebuild()


Mail.model_rebuild()
MailText.model_rebuild()


class Notify(BaseModel):
    n: Notification
    ns: list[Notification] = []
    nn: dict[str, Notification | None] = {}


class GCard(BaseModel, Generic[T]):
    type: Literal["card"]
    v: T


class GList(BaseModel, Generic[T]):
    type: Literal["list"]
    v: list[T]


class GenericTagged(BaseModel):
    x: Annotated[GCard[int] | GList[int], Field(discriminator="type")]
    y: Annotated[GCard[Notification] | GList[str], Field(discriminator="type")] | None = None


def tagger(v: Any) -> str | None:
    if isinstance(v, dict):
        return str(v.get("t")) if "t" in v else "none"
    if isinstance(v, (int, str)):
        return type(v).__name__
    return getattr(v, "t", "none")


class T1(BaseModel):
    t: str = "T1"
    a: int


class T0(BaseModel):
    b: int


class CallableDisc(BaseModel):
    v: Annotated[
        Union[
            Annotated[T1, Tag("T1")],
            Annotated[T0, Tag("none")],
            Annotated[int, Tag("int")],
            Annotated[list[T1], Tag("list")],
        ],
        Discriminator(tagger),
    ]
    w: (
        Annotated[
            Union[Annotated[T1, Tag("T1")], Annotated[T0, Tag("none")]], Discriminator(tagger)
        ]
        | None
    ) = None
    mixed: Annotated[
        Union[Annotated[Notification, Tag("n")], Annotated[str, Tag("str")]],
        Discriminator(lambda v: "str" if isinstance(v, str) else "n"),
    ] = "x"


class Sames(BaseModel):
    a: north.Owner
    b: south.Owner
    sa: north.Status = north.Status.OPEN
    sb: south.Status = south.Status.SHUT
    la: list[north.Owner] = []
    ga: north.Wrap[south.Owner]
    gb: south.Wrap[north.Owner] | None = None
    d: north.Owner = north.Owner(name="x")
    deep: north.Outer.Owner | None = None


class SamesDisc(BaseModel):
    x: Annotated[north.Ev | south.Ev, Field(discriminator="type")]
    nt: north.Pt = north.Pt(1, 2)
    nt2: south.Pt | None = None
    al: north.Alias = 1
    al2: south.Alias = "a"
    td: north.TD | None = None
    td2: south.TD | None = None


class SubBase(BaseModel):
    type: str


class SubA(SubBase):
    type: Literal["a"] = "a"
    other: SubB | None = None


class SubB(SubBase):
    type: Literal["b"] = "b"
    other: Sub | None = None


Sub = Annotated[SubA | SubB, Field(discriminator="type")]


SubA.model_rebuild()
SubB.model_rebuild()


SubA.model_rebuild()
SubB.model_rebuild()


class OneMember(BaseModel):
    x: Annotated[Union[SubA], Field()] = SubA()
    y: Union[int, int] = 3
    z: Union[int, Literal[3]] = 3
    w: Union[str, Annotated[str, Field(max_length=3)]] = "a"
    v: Union[list[int], list[str], list[SubA]] = []
    u: Union[dict[str, int], SubA, dict[str, Any]] = {}
    bools: Union[bool, Literal["auto"]] = "auto"
    nums: Union[Annotated[int, Field(ge=0)], Annotated[float, Field(lt=0)]] = 0
    ints: Annotated[int, Field(ge=0)] | None | Annotated[str, Field(min_length=1)] = None
    nn: None | int = None
    n2: Union[None, int, None, str] = "a"
    lit: Literal["a"] | Literal["b"] | Literal[1] = "b"
    oo: Optional[Optional[int]] = None


EVENTS = (Ticket, Commands, Notify, GenericTagged, CallableDisc, Sames, SamesDisc, OneMember)
