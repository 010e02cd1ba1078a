"""Healthcare, FHIR-like: huge mutually recursive resources."""

from __future__ import annotations

import enum
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, List, Literal, Optional, Union

from pydantic import AnyUrl, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Element(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, alias_generator=to_camel)
    id: Optional[str] = Field(
        None,
        title="Unique id for inter-element referencing",
        description='A name: "id" */ --> \\u0041',
    )
    extension: Optional[List[Extension]] = Field(None, title="Additional content")


class Extension(Element):
    url: AnyUrl
    value_string: Optional[str] = None
    value_boolean: Optional[bool] = Field(None, alias="valueBoolean")
    value_decimal: Optional[Decimal] = None
    value_date: Optional[date] = None
    value_period: Optional[Period] = None
    value_reference: Optional[Reference] = None


class Period(Element):
    start: Optional[datetime] = None
    end: Optional[datetime] = None


class Identifier(Element):
    use: Literal["usual", "official", "temp", "secondary", "old"] | None = None
    system: Optional[AnyUrl] = None
    value: Optional[str] = Field(None, pattern=r"^\S+( \S+)*$", examples=["123", "456 7"])
    assigner: Optional[Reference] = None


class Reference(Element):
    reference: Optional[str] = None
    type: Optional[str] = None
    identifier: Optional[Identifier] = None
    display: Optional[str] = Field(None, alias="display")


class Coding(Element):
    system: Optional[AnyUrl] = None
    code: Annotated[Optional[str], Field(pattern=r"[^\s]+(\s[^\s]+)*")] = None
    user_selected: Optional[bool] = None


class CodeableConcept(Element):
    coding: List[Coding] = []
    text: Optional[str] = None


class HumanName(Element):
    family: Optional[str] = None
    given: List[str] = Field(default_factory=list, min_length=0)
    _family: Optional[Element] = None
    family_ext: Optional[Element] = Field(None, alias="_family")


class Resource(BaseModel):
    resource_type: str
    meta: dict[str, Any] | None = None


class Patient(Resource):
    resource_type: Literal["Patient"] = Field("Patient", alias="resourceType")
    name: List[HumanName]
    gender: Literal["male", "female", "other", "unknown"] | None = None
    birth_date: Optional[date] = Field(None, alias="birthDate")
    deceased: bool | datetime | None = Field(None, alias="deceased[x]")
    contained: List[AnyResource] = []
    multiple_birth: Union[bool, int, None] = None


class Observation(Resource):
    resource_type: Literal["Observation"] = Field("Observation", alias="resourceType")
    code: CodeableConcept
    value: Union[Quantity, CodeableConcept, str, bool, int, Period, None] = None
    component: List[Observation.Component] = []
    effective: time | datetime | Period | None = None

    class Component(BaseModel):
        code: CodeableConcept
        value: Quantity | None = None


class Quantity(Element):
    value: Decimal
    comparator: Optional[Literal["<", "<=", ">=", ">"]] = None
    unit: str = "mg/dL"


class Bundle(Resource):
    resource_type: Literal["Bundle"] = Field("Bundle", alias="resourceType")
    entry: List[Entry] = []


class Entry(BaseModel):
    full_url: AnyUrl | None = Field(None, alias="fullUrl")
    resource: AnyResource
    search: dict[Literal["mode", "score"], Any] | None = None


AnyResource = Annotated[Union[Patient, Observation, Bundle], Field(discriminator="resource_type")]


for m in (
    Element,
    Extension,
    Period,
    Identifier,
    Reference,
    Coding,
    CodeableConcept,
    HumanName,
    Patient,
    Quantity,
    Observation,
    Bundle,
    Entry,
):
    m.model_rebuild()


Observation.Component.model_rebuild()


class BundleReceived(BaseModel):
    bundle: Bundle
    raw: AnyResource | None = None
    default: AnyResource = Patient(name=[])


class Dosage(BaseModel):
    sequence: Optional[int] = Field(None, ge=1)
    as_needed: bool | CodeableConcept = False
    rate: Annotated[Decimal, Field(gt=0)] | Annotated[str, Field(pattern=r"^\d+/\d+$")] = "1/2"
    max_dose: list[Quantity] | Quantity | None = None
    ratio: tuple[Quantity, Quantity] | None = None
    dd: dict[str, Quantity | list[Quantity]] = {}


class Narrative(BaseModel):
    """<div xmlns="http://www.w3.org/1999/xhtml">*/ --> ]]> `code` ``` | pipe </div>"""

    status: str = Field(
        description="<b>bold</b> | pipe `tick` ```fence``` [link](x) *star* _under_ # head\n\n- list\n- list2"
    )
    div: str = Field(
        "<div>'\"</div>", description="*/ /* // <!-- --> ]]> </script><script>alert(1)</script>"
    )
    u: str = Field(
        "\u202e\u2066\ufeff", description="\u202eevil\u2066 \ufeff \u0000 \x7f \x85 \u2028"
    )
    esc: str = Field(r"\n\t\x41\u0041\N{BULLET}", description=r"\n\t\x41\u0041\N{BULLET} \d+ \'")
    ansi: str = Field("\x1b[31m", description="\x1b[2J\x07 bell")
    surrogateish: str = Field("😀" * 30, description="𝒳 \U0010ffff")
    crlf: str = Field("a\r\nb", description="a\r\nb\rc\n\n\nd  \n  e")
    trail: str = Field("a ", description="trailing space \n")
    lead: str = Field(" a", description="\n leading")
    triple: str = Field('"""', description='""" \'\'\' """')
    percent: str = Field("%(x)s {x} $x", description="${x} #{x} {{x}} {% x %}")
    longline: str = Field("x" * 300, description="word " * 100)
    longpat: str = Field("a", pattern="^(a|" + "b" * 200 + ")$")
    exs: str = Field("a", examples=['"""', "\\", "\n", "\u202e", None, {"a": "*/"}, [1, [2]]])
    dep: str = Field("a", deprecated='don\'t "use" */')


class DocHostile3(BaseModel):
    __doc__ = "tab\there\n\n\ttabbed\n  two\n trailing  \n\nend\n"
    a: int


class DocHostile4(BaseModel):
    __doc__ = '\'\'\'"""\\"""'
    a: int


class DocHostile5(BaseModel):
    __doc__ = "x" * 200 + " " + "y" * 200
    a: int


class DocHostile8(BaseModel):
    __doc__ = "日本語 ドキュメント" * 20
    a: int = Field(description="日本語" * 40)
    b: Annotated[str, Field(pattern="^[一-龠]+$")] = "日"


class EnumDocs(str, enum.Enum):
    __doc__ = 'back\\slash """ end"'
    A = "a"


class UsesEnumDocs(BaseModel):
    e: EnumDocs
    f: Annotated[EnumDocs, Field(description="over")] = EnumDocs.A


class Patterns(BaseModel):
    model_config = ConfigDict(regex_engine="python-re")
    a: str = Field(pattern=r"^(?P<year>\d{4})-(?P=year)$")
    b: str = Field("", pattern=r"(?i)^abc$")
    c: str = Field("", pattern=r"^[\w.+-]+@[\w-]+\.[\w.-]+$")
    d: str = Field("", pattern="\n")
    e: str = Field("", pattern=r"\Z")
    f: str = Field("", pattern="(?<!a)b")
    g: str = Field("", pattern="'\"\\\\")
    h: dict[Annotated[str, Field(pattern=r"^(?!x)")], int] = {}
    i: list[Annotated[str, Field(pattern="(?=a)")]] = []


class PatternsRust(BaseModel):
    a: str = Field(pattern=r"\p{L}+")
    b: str = Field("", pattern=r"^\p{Greek}$")
    c: str = Field("", pattern=r"[[:alpha:]]")
    d: str = Field("", pattern=r"(?x) a b # comment")
    e: str = Field("", pattern=r"\z")
    f: str = Field("", pattern="[a&&b]")
    g: str = Field("", pattern="")
    h: str = Field("", pattern=r"^/\w+/$")


EVENTS = (
    BundleReceived,
    Dosage,
    Narrative,
    Patterns,
    PatternsRust,
    DocHostile3,
    DocHostile4,
    DocHostile5,
    DocHostile8,
    UsesEnumDocs,
)
