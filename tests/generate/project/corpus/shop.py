"""A web shop, as ORMs and generators write models."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, Optional, TypeVar, Union

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    conlist,
)
from pydantic.alias_generators import to_camel

T = TypeVar("T")


U = TypeVar("U")


class CamelModel(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
        arbitrary_types_allowed=True,
        extra="ignore",
    )


class SkuRef(CamelModel):
    sku_code: str
    warehouse_id: Optional[int] = None


class LineItem(CamelModel):
    sku_ref: SkuRef
    unit_price: Decimal
    qty: int = Field(1, ge=1, le=999)
    tax_rates: list[Decimal] = [Decimal("0.19")]
    discount_codes: frozenset[str] = frozenset()
    default_ref: SkuRef = SkuRef(sku_code="x", warehouse_id=3)
    refs_by_name: dict[str, SkuRef] = {"a": SkuRef(sku_code="q")}


class Paged(BaseModel, Generic[T]):
    items: list[T]
    next_cursor: str | None = None


class Result(BaseModel, Generic[T, U]):
    ok: T | None = None
    err: U | None = None


class Err(BaseModel):
    code: int
    data: dict[str, Any] = {}


class SearchDone(BaseModel):
    result: Result[Paged[LineItem], Err]
    result2: Result[Paged[Result[int, str]], list[Err]] | None = None
    result3: Result[Paged[Union[int, str]], None]
    result4: Result[dict[str, Paged[Optional[Err]]], Literal["x"]]
    result5: Paged[Paged[Paged[Err]]]
    result6: Paged[tuple[Err, int]] = Paged[tuple[Err, int]](items=[])
    result7: Paged[Annotated[str, Field(min_length=2)]] | None = None


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)
    a: int
    tags: frozenset[str] = frozenset()
    t: tuple[str, ...] = ()


class FrozenHolder(BaseModel):
    s: set[Frozen] = set()
    fs: frozenset[Frozen] = frozenset({Frozen(a=1)})
    d: dict[str, set[Frozen]] = {}
    opt: Optional[set[Frozen]] = None
    mixed: set[Frozen | int] = set()
    tup: set[tuple[Frozen, int]] = set()


class FrozenAlias(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)
    big_id: int
    inner_frozen: Frozen = Frozen(a=2)


class FrozenAliasHolder(BaseModel):
    s: set[FrozenAlias] = {FrozenAlias(big_id=1)}
    by: dict[str, FrozenAlias] = {"a": FrozenAlias(big_id=2)}
    one: FrozenAlias = FrozenAlias(bigId=3)


class Optionals(BaseModel):
    a: Optional[int]
    b: Optional[int] = None
    c: Optional[int] = 3
    d: int | None = Field(...)
    e: Annotated[Optional[int], Field(ge=3)]
    f: Annotated[int | None, Field(ge=3, description="x", title="F!")] = None
    g: Optional[Annotated[int, Field(ge=3, description="inner", title="Inner")]] = None
    h: list[Optional[int]]
    i: Optional[list[Optional[int]]] = None
    j: Optional[Literal["a", None]] = None
    k: Optional[Any] = None
    l: Optional[object] = None
    m: Optional[None] = None
    n: Union[int, None, str]
    o: Annotated[Optional[Annotated[str, Field(max_length=5)]], Field(description="outer")] = None
    p: Annotated[int, Field(ge=1)] | Annotated[float, Field(le=0)] | None = Field(
        None, title="P?", examples=[1, None]
    )
    q: Annotated[
        list[
            Annotated[
                dict[Annotated[str, Field(min_length=1)], Annotated[int, Field(ge=0)]],
                Field(max_length=2),
            ]
        ],
        Field(min_length=1),
    ]
    r: Annotated[str, Field(description="one"), Field(title="two"), Field(max_length=3)] = "x"
    s: Annotated[set[Annotated[int, Field(gt=0)]], Field(min_length=1, max_length=3)] = {1}


class DescribedRefs(BaseModel):
    a: SkuRef = Field(description="desc only")
    b: SkuRef = Field(title="title only")
    c: Optional[SkuRef] = Field(None, description="opt")
    d: list[Annotated[SkuRef, Field(description="elem")]]
    e: dict[str, Annotated[SkuRef, Field(title="val")]]
    f: (
        Annotated[SkuRef, Field(description="union-a")]
        | Annotated[Err, Field(description="union-b")]
    )
    g: SkuRef = Field(deprecated=True)
    h: SkuRef = Field(examples=[1])
    i: Annotated[SkuRef | None, Field(description="x")]
    j: tuple[Annotated[SkuRef, Field(description="first")], int]
    k: SkuRef = Field(SkuRef(sku_code="1"), description="with default")


class Big(BaseModel):
    a: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
    b: Annotated[int, Field(lt=10**30)] = 0
    c: Annotated[float, Field(ge=1e-300, le=1e300)] = 1
    d: Annotated[float, Field(gt=0, lt=1)] = 0.5
    e: Annotated[int, Field(ge=1.0)] = 1
    f: Annotated[float, Field(multiple_of=0.1)] = 0.1
    g: Annotated[int, Field(multiple_of=3, gt=0)] = 3
    h: Annotated[float, Field(ge=0)] | None = None
    i: Annotated[float, Field(ge=0.0, le=100.0)] = 50.0
    j: Annotated[Decimal, Field(ge=0, le=100, multiple_of=Decimal("0.05"))] = Decimal("5")
    k: Annotated[str, Field(min_length=0, max_length=0)] = ""
    l: Annotated[list[int], Field(min_length=0)] = []
    m: Annotated[dict[int, int], Field(max_length=5)] = {}
    n: conlist(int, min_length=2, max_length=2) = [1, 2]


class MutualA(BaseModel):
    b: MutualB | None = None
    x: Literal["a"] = "a"


class MutualB(BaseModel):
    c: list[MutualC] = []
    x: Literal["b"] = "b"


class MutualC(BaseModel):
    any: Annotated[MutualA | MutualB, Field(discriminator="x")] | None = None
    set_: set[int] = Field(set(), alias="set")


MutualA.model_rebuild()


MutualB.model_rebuild()


EVENTS = (SearchDone, FrozenHolder, FrozenAliasHolder, Optionals, DescribedRefs, Big, MutualA)
