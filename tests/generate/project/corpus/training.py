"""Machine learning pipelines."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Dict, Generic, List, Literal, Optional, Tuple, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    RootModel,
    create_model,
)

DataT = TypeVar("DataT", bound=BaseModel)


ParamT = TypeVar("ParamT")


class Activation(enum.Enum):
    RELU = "relu"
    GELU = "gelu"
    NONE = None


class Precision(enum.IntEnum):
    FP16 = 16
    FP32 = 32


class Mixed(enum.Enum):
    A = 1
    B = "b"
    C = 2.5
    D = True


class Floats(enum.Enum):
    LOW = 0.1
    HIGH = 1e10


class TupleEnum(enum.Enum):
    A = (1, 2)
    B = (3, 4)


class Single(enum.Enum):
    ONLY = "only"


class Lr(BaseModel):
    model_config = ConfigDict(protected_namespaces=())
    schedule: Literal["constant"]
    model_lr: PositiveFloat = 3e-4
    model_validate_every: int = 5


class Cosine(BaseModel):
    schedule: Literal["cosine"]
    warmup: int | float = 0.1
    cycle: tuple[int, ...] | None = (1, 2, 4)


class Optim(BaseModel):
    model_config = ConfigDict(protected_namespaces=(), extra="forbid")
    model_name: str = "adam"
    model_config_path: Path = Path("a/b")
    lr: Annotated[Lr | Cosine, Field(discriminator="schedule")]
    activation: Activation = Activation.NONE
    precision: Precision = Precision.FP32
    mixed: Mixed = Mixed.C
    floats: Floats = Floats.LOW
    single: Single = Single.ONLY
    singles: list[Single] = [Single.ONLY]
    te: TupleEnum | None = None
    betas: tuple[float, float] = (0.9, 0.999)
    lits: Literal[Precision.FP16, Activation.RELU, "auto"] = "auto"
    lits2: list[Literal[Precision.FP16]] = []


class Metric(BaseModel, Generic[ParamT]):
    name: str
    value: ParamT
    history: list[tuple[int, ParamT]] = []


class Batch(BaseModel, Generic[DataT]):
    items: list[DataT]
    next: Optional[Batch[DataT]] = None


class Run(BaseModel):
    metrics: dict[str, Metric[float] | Metric[int]] = {}
    best: Metric[Optional[float]] | None = None
    confusion: Metric[list[list[int]]]
    batches: Batch[Cosine]
    artifacts: Dict[str, Path] = {"model": Path("m.pt")}
    started: datetime
    duration: timedelta = timedelta(seconds=0.5)
    params: dict[str, int | float | str | bool | list[int | float | str] | None] = {
        "lr": 0.1,
        "n": 3,
        "ok": True,
        "l": [1, 2.5, "x"],
    }
    nested: dict[str, dict[str, dict[str, list[int]]]] = {"a": {"b": {"c": [1]}}}
    shape: tuple[int, int, Literal["rgb", "bgr"]] = (1, 2, "rgb")
    shapes: dict[str, tuple[int, int]] = {"x": (1, 2)}
    neg: dict[str, float] = {"a": -1.5, "b": 1e-10}


class Tensor(RootModel[list[float] | list[list[float]] | list[list[list[float]]]]):
    pass


class TensorUse(BaseModel):
    t: Tensor
    u: Tensor = Tensor([1.0, 2.0])
    v: list[Tensor] | Tensor | None = None
    s: set[int] | list[str] | None = None
    ss: set[int | str] = {1}
    sf: frozenset[float] = frozenset({1.5})
    sn: set[int | None] = set()
    st: set[tuple[int, ...]] = {(1, 2)}
    sd: set[Precision] = {Precision.FP16}
    sb: set[bytes] = set()
    sdt: set[datetime] = set()
    sany: set[Any] = set()
    sl: list[set[frozenset[int]]] = []


class Stage(BaseModel):
    op: Literal["load", "filter", "map"]
    args: list["Stage | int | str"] = []
    kwargs: dict[str, "Stage | None"] = {}


class Pipeline(BaseModel):
    stages: Annotated[list[Stage], Field(min_length=1)]
    by_name: dict[str, Stage] = {"x": Stage(op="load", args=[1, "a", Stage(op="map")])}
    fallback: Stage = Stage(op="load")
    pair: tuple[Stage, Stage] | None = (Stage(op="load"), Stage(op="map"))


Features = create_model(
    "Features",
    **{
        f"f{n}": (float | None, Field(None, ge=0, le=n + 1, description=f"Feature {n}"))
        for n in range(150)
    },
)


LongName = create_model(
    "AVeryLongClassNameThatNobodyWouldEverWriteByHandButThatGenericsProduce" * 2,
    a=(int, 1),
    b=(create_model("Inner" * 20, x=(int, 1)), ...),
)


class DeepNest(BaseModel):
    a: list[dict[str, tuple[list[set[int]], dict[str, list[Optional[list[Precision]]]]]]]
    b: Optional[List[Optional[Dict[str, Optional[Tuple[Optional[int], Optional[str]]]]]]] = None
    c: dict[str, list[dict[str, list[dict[str, list[dict[str, list[int]]]]]]]] = {}
    a_long_name_for_a_union: (
        list[int] | dict[str, int] | tuple[int, str] | set[str] | None | Literal["nothing at all"]
    ) = None


class SubModels(BaseModel):
    class Inner(BaseModel):
        class Innermost(BaseModel):
            z: int = 1

        y: Innermost

        class Kind(enum.Enum):
            A = "a"

        k: Kind = Kind.A

    x: Inner
    i2: list[Inner.Innermost] = []
    inner: Optional[Inner] = Inner(y=Inner.Innermost())


EVENTS = (Optim, Run, TensorUse, Pipeline, Features, DeepNest, SubModels, LongName)
