"""Games: inventories, maps, odd names."""

from __future__ import annotations

import enum
from datetime import date as Date
from datetime import datetime as datetime_
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    create_model,
)


class Keywordy(BaseModel):
    model_config = ConfigDict(alias_generator=lambda n: n.rstrip("_"), populate_by_name=True)
    class_: str
    def_: int
    return_: list[str] = []
    async_: bool = False
    lambda_: Optional[float] = None
    None_: str = "x"
    True_: bool = True
    type_: str = "t"
    match_: str = "m"
    case_: str = "c"
    _: int = 3
    print_: int = 3
    __dunder__: int = 3


class Dunder(BaseModel):
    a: str = Field("x", alias="__init__")
    b: str = Field("x", alias="__class__")
    c: str = Field("x", alias="__pydantic_extra__")
    d: str = Field("x", alias="__annotations__")
    e: str = Field("x", alias="_")
    f: str = Field("x", alias="__")
    g: str = Field("x", alias="__slots__")
    h: int = Field(alias="__dict__")
    i: str = Field("x", alias="self")
    j: str = Field("x", alias="cls")


class Emoji(BaseModel):
    sword: int = Field(alias="⚔️")
    gold: int = Field(0, alias="💰")
    both: int = Field(0, alias="⚔️💰")
    rtl: str = Field("", alias="שם")
    rtl_mark: str = Field("", alias="a\u202eb")
    zw: str = Field("", alias="a\u200bb")
    newline: str = Field("", alias="a\nb")
    tab: str = Field("", alias="\t")
    quote: str = Field("", alias='"')
    squote: str = Field("", alias="'")
    back: str = Field("", alias="\\")
    null: str = Field("", alias="\x00")
    slash: str = Field("", alias="a/b~c")
    dollar: str = Field("", alias="$ref")
    hash: str = Field("", alias="#")
    percent: str = Field("", alias="%s{0}")
    star: str = Field("", alias="*/")
    html: str = Field("", alias="--><script>")
    sup: str = Field("", alias="m²")
    full: str = Field("", alias="ＡＢＣ")
    sharp: str = Field("", alias="ß")
    dotless: str = Field("", alias="İ")
    kelvin: str = Field("", alias="K")


class Digits(BaseModel):
    a: int = Field(alias="1")
    b: int = Field(2, alias="1st")
    c: int = Field(3, alias="3.14")
    d: int = Field(4, alias="-1")
    e: int = Field(5, alias="field_1")
    f: int = Field(6, alias="0x")
    g: int = Field(7, alias="٣")
    h: int = Field(8, alias="_1")


Builtins = create_model(
    "Builtins",
    list=(list[int], []),
    dict=(dict[str, int], {}),
    int=(int, 3),
    str=(str, ""),
    set=(set[str], Field(default_factory=set)),
    tuple=(tuple[int, str], (1, "a")),
    type=(str, ...),
    bytes=(bytes, b"x"),
    frozenset=(frozenset[int], frozenset()),
    object=(object, ...),
    none=(None, None),
    bool=(bool, True),
    float=(float, 0.5),
    range=(int, 1),
    property=(str, "x"),
    super=(int, 1),
    classmethod=(int, 2),
    print=(int, 3),
)


Imports = create_model(
    "Imports",
    datetime=(datetime_, ...),
    date=(Date, ...),
    time=(int, 1),
    timedelta=(int, 3),
    Field=(int, Field(3, ge=1)),
    Annotated=(Annotated[str, Field(max_length=3)], "x"),
    Literal=(Literal["a"], "a"),
    BaseModel=(int, 1),
    ConfigDict=(int, 1),
    RootModel=(int, 1),
    Any=(Any, None),
    TypeAdapter=(int, 3),
    UUID=(UUID, ...),
    cast=(int, 1),
    Decimal=(int, 3),
    Enum=(int, 3),
    annotations=(str, ""),
    WithJsonSchema=(int, 3),
    typing=(Optional[Literal["z"]], None),
    pydantic=(int, Field(1, le=3)),
    uuid=(int, 1),
    builtins=(int, 1),
    register=(int, 1),
    SaltEvent=(int, 1),
    __base__=BaseModel,
)


SelfNamed = create_model(
    "SelfNamed",
    SelfNamed=(int, 3),
    SelfNamedPayload=(int, 3),
    Schema=(int, 1),
    Payload=(int, 2),
    Meta=(dict[str, int], {}),
    Response=(int, 1),
    Error=(int, 1),
)


def mk(name, **fields):
    return create_model(name, **fields)


ClassNames = create_model(
    "ClassNames",
    a=(mk("list", x=(int, 1)), ...),
    b=(mk("str", x=(int, 1)), ...),
    c=(mk("Literal", x=(Literal["a", "b"], "a")), ...),
    d=(mk("ConfigDict", x=(int, 1)), ...),
    e=(mk("Enum", x=(int, 1)), ...),
    f=(mk("class", x=(int, 1)), ...),
    g=(mk("None", x=(int, 1)), ...),
    h=(mk("Größe", x=(int, 1)), ...),
    i=(mk("123", x=(int, 1)), ...),
    j=(mk("a-b", x=(int, 1)), ...),
    k=(mk("Foo[int]", x=(int, 1)), ...),
    l=(mk("Error", x=(int, 1)), ...),
    m=(mk("Response", x=(int, 1)), ...),
    n=(mk("__x", x=(int, 1)), ...),
    o=(mk("_Private", x=(int, 1)), ...),
    p=(mk("TypeAdapter", x=(int, 1)), ...),
    q=(mk("Optional", x=(Optional[int], 1)), ...),
)


class Lower(enum.Enum):
    name_ = "name"
    value_ = "value"
    a = "A"
    A = "a"
    M_ = "mro"
    _x = "_x"
    self = "self"


class ValuesClash(enum.Enum):
    A = "a-b"
    B = "a_b"
    C = "a b"
    D = "A_B"
    E = "aB"
    F = "*"
    G = "**"
    H = "+1"
    I = "-1"
    J = "1"
    K = "__init__"
    L = "_sunder_"
    M = "None"
    N = "true"
    O = "日本"
    P = "😀"
    Q = "ª"
    R = "ﬁ"
    S = "name"
    T = "value"


class NumClash(enum.Enum):
    A = 1
    B = -1
    C = 0
    D = 10**20


class FloatMix(enum.Enum):
    A = 1
    B = 1.5


class EnumZoo(BaseModel):
    l: Lower = Lower.name_
    v: ValuesClash = ValuesClash.F
    vs: dict[ValuesClash, int] = {ValuesClash.P: 1}
    n: NumClash = NumClash.D
    f: FloatMix = FloatMix.A
    lits: Literal["__init__", "\u202e", 'a"b', "a'b", "a\\b", "", " ", "\n"] = ""
    bl: Literal[True, False] = False
    il: Literal[0, -1, 10**9] = 0
    ml: Literal[0, False, "0", None, True, 1] = None
    one_null: Literal[None] = None


class CaseClash(BaseModel):
    userId: int
    userid: int
    UserID: int
    user_id: int = Field(1, alias="user-id")
    user__id: int = Field(1, alias="user id")
    user___id: int = Field(1, alias="user.id")


class SchemaWords(BaseModel):
    """Fields named like JSON Schema keywords."""

    properties: dict[str, Any] = Field({}, alias="properties")
    required: list[str] = []
    title: str = "t"
    description: str = "d"
    default: Any = None
    enum: list[str] = []
    const: int = 3
    items: list[int] = []
    ref: str = Field("", alias="$ref")
    defs: dict[str, int] = Field({}, alias="$defs")
    anyOf: list[int] = []
    format: Literal["date-time"] = "date-time"
    additionalProperties: bool = False
    nullable: bool | None = None
    discriminator: str = "x"


class TitlesMatch(BaseModel):
    user_id: int = Field(1)
    HTTPServer: str = "x"
    a1b2: int = 1
    x__y: int = 2
    trailing_: int = 3
    éa: int = 4
    dz: int = Field(5, alias="ǆ")
    apostrophe: int = Field(1, alias="don't")
    camelCase: int = 1
    UPPER_CASE: int = 1
    a: int = 1
    ALLCAPS: int = 1
    mixed_Case_Name: int = 1
    num_3d: int = 1
    georgian: int = Field(1, alias="ა")
    strasse: int = Field(1, alias="ß_x")


EVENTS = (
    Keywordy,
    Dunder,
    Emoji,
    Digits,
    Builtins,
    Imports,
    ClassNames,
    EnumZoo,
    CaseClash,
    SchemaWords,
    TitlesMatch,
    SelfNamed,
)
