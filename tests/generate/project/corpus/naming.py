"""Names that Python has for something else, and names that are none."""

from __future__ import annotations

import datetime
from typing import Any, Literal, Optional
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model


class Keywords(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    class_: str = Field(alias="class")
    from_: int = Field(alias="from")
    none: str | None = Field(None, alias="None")
    match: str = "x"
    type: str
    id: int


class Dashes(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    user_id: int = Field(alias="user-id")
    dotted: str = Field("x", alias="a.b")
    spaced: str = Field("x", alias="with space")
    leading_digit: str = Field("x", alias="2fa")
    underscore: str = Field("x", alias="_id")
    empty: str = Field("x", alias="")
    at: str = Field("x", alias="@type")


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=lambda name: name.title().replace("_", ""), populate_by_name=True)

    first_name: str
    last_name: str | None = None


class ModelNames(BaseModel):
    model_config = ConfigDict(protected_namespaces=(), populate_by_name=True)

    model_config_: str = Field(alias="model_config")
    model_dump_: str = Field("x", alias="model_dump")
    model_name: str = "x"
    model_fields_: list[int] = Field([], alias="model_fields")
    schema_: str = Field("x", alias="schema")
    copy_: str = Field("x", alias="copy")
    json_: str = Field("x", alias="json")
    dict_: dict[str, int] = Field({}, alias="dict")
    self: str = "x"
    validate_: bool = Field(True, alias="validate")


class Unicode(BaseModel):
    größe: int
    имя: str
    名前: str = "x"
    ångström: float = Field(0.5, alias="A\u030angstro\u0308m")
    ligature: str = Field("x", alias="\ufb01eld")


Shadows = create_model(
    "Shadows",
    str=(str, "x"),
    int=(int, 1),
    list=(list[int], []),
    date=(Optional[datetime.date], None),
    datetime=(datetime.datetime, ...),
    Field=(str, "x"),
    Any=(Any, None),
    UUID=(UUID, ...),
    Annotated=(Optional[int], Field(None, ge=0)),
    Literal=(Literal["a", "b"], "a"),
    bool=(bool, False),
    float=(float, 0.5),
    BaseModel=(str, "x"),
    type=(str, "x"),
)


class Base(BaseModel):
    a: int


class Field_(BaseModel):
    b: int


TypeNames = create_model(
    "TypeNames",
    Base=(Base, ...),
    base=(list[Base], []),
)


class Literal_(BaseModel):
    c: int


class Any_(BaseModel):
    d: int


Any_.__name__ = Any_.__qualname__ = "Any"
Taken = create_model(
    "Taken",
    first=(create_model("Any", d=(int, ...)), ...),
    second=(create_model("Field", d=(int, 1)), ...),
    third=(create_model("datetime", at=(datetime.datetime, ...)), ...),
    fourth=(create_model("BaseModel", at=(dict[str, int], {})), ...),
    fifth=(create_model("SaltEvent", a=(int, 1)), ...),
    sixth=(create_model("Payload", a=(int, 1)), ...),
)


Hundred = create_model(
    "Hundred",
    **{f"field_{number}": (int, number) for number in range(50)},
    **{f"text_{number}": (str | None, None) for number in range(50)},
)


class Duplicates(BaseModel):
    a_b: int
    a_dash_b: int = Field(1, alias="a-b")
    a_dot_b: int = Field(2, alias="a.b")
