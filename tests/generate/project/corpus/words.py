"""Text that wants to be something else."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Documented(BaseModel):
    """A model with a docstring."""

    a: int = Field(description="A number.", examples=[1, 2], title="The A")
    b: str = Field("x", deprecated=True, json_schema_extra={"x-order": 1})
    c: Annotated[str, Field(description="Inside.")] = "x"
    d: list[Annotated[int, Field(description="An element.", title="Element")]] = []
    e: int = Field(description="A description that goes on for longer than one line of code can be, and then some.")


HOSTILE = (
    '"""',
    'ends in a quote"',
    "ends in a backslash\\",
    "'''\"\"\"\\",
    "\\N{BULLET} \\x41 \\u0041 %s {0} $x",
    "two\nlines",
    "  indented\n    lines  \n",
    "tab\there",
    "null \x00 byte",
    "escape \x1b[31mred",
    "right to left \u202e override",
    "zero\u200bwidth",
    "emoji \U0001f600 and ümläut",
    "line \u2028 separator",
    "import os; os.system('x')",
    "'''); raise SystemExit  # ",
    "# type: ignore",
    "carriage\rreturn",
)


class Hostile(BaseModel):
    a: str = Field(description=HOSTILE[0])
    b: str = Field(description=HOSTILE[1])
    c: str = Field(description=HOSTILE[2])
    d: str = Field(description=HOSTILE[3])
    e: str = Field(description=HOSTILE[4])
    f: str = Field(description=HOSTILE[5])
    g: str = Field(description=HOSTILE[6])
    h: str = Field(description=HOSTILE[7])
    i: str = Field(description=HOSTILE[8])
    j: str = Field(description=HOSTILE[9])
    k: str = Field(HOSTILE[10], description=HOSTILE[10])
    m: str = Field(HOSTILE[11], description=HOSTILE[11], title=HOSTILE[3])
    n: str = Field(HOSTILE[12], description=HOSTILE[12])
    o: str = Field(HOSTILE[13], examples=list(HOSTILE))
    p: str = Field(HOSTILE[14], json_schema_extra={HOSTILE[0]: HOSTILE[1]})
    q: str = Field(HOSTILE[15], description=HOSTILE[15])
    r: str = Field(HOSTILE[16], description=HOSTILE[16])
    s: str = Field(HOSTILE[17], description=HOSTILE[17])


def _documented(text: str, number: int) -> type[BaseModel]:
    return type(
        f"Docstring{number}",
        (BaseModel,),
        {"__doc__": text, "__annotations__": {"a": "int"}, "__module__": __name__},
    )


class Docstrings(BaseModel):
    pass


_DOCSTRINGS = {f"d{number}": _documented(text, number) for number, text in enumerate(HOSTILE)}
DocstringModels = type(
    "DocstringModels",
    (BaseModel,),
    {
        "__annotations__": _DOCSTRINGS,
        "__module__": __name__,
        "__doc__": 'Ends with """ and a \\',
    },
)


class HostileEnum(str, enum.Enum):
    QUOTE = '"""'
    BACKSLASH = "\\"
    NEWLINE = "\n"
    NULL = "\x00"
    BIDI = "\u202e"
    CODE = "'); import os  # "
    KEYWORD = "None"
    MRO = "mro"
    DIGIT = "1st"
    UMLAUT = "ä"


class HostileValues(BaseModel):
    value: HostileEnum = HostileEnum.NULL


class Titled(BaseModel):
    """Both have a title of their own."""

    model_config = ConfigDict(title="A title: of \"its\" own", json_schema_extra={"examples": [{"a": 1}], "x-team": "a"})

    a: int = Field(title="Another")
