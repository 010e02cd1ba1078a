"""Human resources: docstrings, titles, inheritance, attribute docs."""

from __future__ import annotations

import enum
from datetime import date
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    RootModel,
)

T = TypeVar("T")


E = TypeVar("E", bound=enum.Enum)


class Department(str, enum.Enum):
    """Where people work.

    Don't rename: payroll depends on "it".
    """

    ENG = "engineering"
    OPS = "ops"
    HR = "human resources"


class EmployeeBase(BaseModel):
    """Base of all."""

    model_config = ConfigDict(
        str_strip_whitespace=True,
        str_min_length=1,
        str_max_length=200,
        use_attribute_docstrings=True,
    )
    name: str
    """Full name, as in the passport."""
    email: EmailStr
    """Work e-mail.

    Not the private one.
    """
    department: Department = Department.ENG
    """The department."""
    manager: Optional[EmployeeBase] = None
    """Null for the CEO."""
    salary: Annotated[float, Field(gt=0)] | None = None
    """Yearly."""


class Contractor(EmployeeBase):
    agency: str
    ends: date | None
    manager: Optional[EmployeeBase]


class Manager(EmployeeBase):
    reports: list[EmployeeBase | Contractor | Manager] = []
    budget: int = 0
    title: str = "Manager"
    _secret: int = 3


class TitleGen(BaseModel):
    model_config = ConfigDict(
        field_title_generator=lambda n, i: n.upper(),
        model_title_generator=lambda c: f"T:{c.__name__}",
    )
    first: int
    second: Optional[str] = None
    inner: Department = Department.HR


class Ranked(BaseModel, Generic[T]):
    rank: int
    item: T


class Board(BaseModel, Generic[T, E]):
    top: Ranked[T]
    rest: list[Ranked[T]] = []
    by: dict[E, Ranked[list[T]]] = {}


class GenericUse(BaseModel):
    a: Board[int, Department]
    b: Board[Optional[str], Department] | None = None
    c: Ranked[Ranked[Ranked[date]]]
    d: Ranked[Any]
    e: Ranked[Literal["x", 1]]
    f: Ranked[tuple[int, ...]]
    g: Ranked[dict[str, list[int | None]]]
    unparam: Ranked
    h: Ranked[Annotated[int, Field(gt=3)]]
    i: Ranked[Department] | Ranked[int]


class Tree(BaseModel, Generic[T]):
    value: T
    left: Optional[Tree[T]] = None
    right: Optional[Tree[T]] = None
    children: list[Tree[T]] = []


class TreeUse(BaseModel):
    ints: Tree[int]
    strs: Tree[str]
    deps: Tree[Department] | None = None


class ListRoot(RootModel[list[T]], Generic[T]):
    pass


class RootUse(BaseModel):
    a: ListRoot[int]
    b: ListRoot[Department] = ListRoot[Department]([Department.OPS])
    c: dict[str, ListRoot[date]] = {}


class ConfigExtra(BaseModel):
    model_config = ConfigDict(
        title="Weird \"title\" with 'quotes' \\ and \n newline",
        json_schema_extra={
            "example": {"a": 1},
            "description": "Overrides",
            "additionalProperties": True,
            "x-nested": {"a": [1, {"b": None}]},
        },
    )
    a: int


class NoTitleFields(BaseModel):
    model_config = ConfigDict(
        json_schema_extra=lambda s: [f.pop("title", None) for f in s["properties"].values()]
    )
    a: int
    b: str = "x"
    c: list[Department] = []


class NoTitleAtAll(BaseModel):
    model_config = ConfigDict(
        json_schema_extra=lambda s: (
            s.pop("title"),
            [f.pop("title", None) for f in s["properties"].values()],
        )
    )
    a: int
    b: Optional[Contractor] = None
    c: int | str = 3


class FieldKinds(BaseModel):
    init: int = Field(3, init=False)
    frozen: int = Field(3, frozen=True)
    excl: int = Field(3, exclude=True)
    rep: int = Field(3, repr=False)
    kw: int = Field(3, kw_only=True)
    strict: int = Field(3, strict=True)
    coerced: str = Field("3", coerce_numbers_to_str=True)
    validate_default: int = Field(3, validate_default=True)
    dep: int = Field(3, deprecated="old one")
    exs: int = Field(3, examples=[])
    exd: int = Field(3, json_schema_extra={"examples": {"a": 1}})
    disc: int = Field(default=..., description="required by ellipsis")
    data_factory: int = Field(default_factory=lambda data: data["init"])
    empty_desc: int = Field(3, description="")
    empty_title: int = Field(3, title="")
    title_eq: int = Field(3, title="Title Eq")
    title_near: int = Field(3, title="Title eq")


class Empty(BaseModel):
    """Nothing in it."""

    model_config = ConfigDict(extra="forbid")


class EmptyAllow(BaseModel):
    model_config = ConfigDict(extra="allow")


class HoldsEmpty(BaseModel):
    e: Empty = Empty()
    f: EmptyAllow = EmptyAllow()
    g: EmptyAllow = EmptyAllow(x=1)
    h: list[Empty] = [Empty()]


EVENTS = (
    Manager,
    TitleGen,
    NoTitleFields,
    NoTitleAtAll,
    GenericUse,
    TreeUse,
    RootUse,
    ConfigExtra,
    FieldKinds,
    HoldsEmpty,
)
