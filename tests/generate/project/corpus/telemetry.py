"""Telemetry: devices, firmware."""

from __future__ import annotations

import dataclasses
import enum
import ipaddress
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from fractions import Fraction
from typing import (
    Annotated,
    Dict,
    FrozenSet,
    List,
    Literal,
    NamedTuple,
    Tuple,
)

from pydantic import (
    UUID4,
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    IPvAnyAddress,
    IPvAnyInterface,
    IPvAnyNetwork,
    Json,
    JsonValue,
    OnErrorOmit,
)
from pydantic.dataclasses import dataclass as pdataclass
from typing_extensions import NotRequired, Required, TypedDict


class Unit(enum.Enum):
    CELSIUS = "°C"
    FAHRENHEIT = "°F"
    PERCENT = "%"
    EMPTY = ""
    UGLY = "a b/c"


class Severity(enum.IntEnum):
    """How bad.

    0 is fine.
    """

    OK = 0
    WARN = 10
    CRIT = 20


class Caps(enum.IntFlag):
    READ = 1
    WRITE = 2
    EXEC = 4


class Flags(enum.Flag):
    A = enum.auto()
    B = enum.auto()


class Reading(NamedTuple):
    sensor: str
    value: float
    unit: Unit = Unit.CELSIUS
    tags: list[str] = []


class GeoFix(NamedTuple):
    lat: float
    lon: float


class Telemetry(BaseModel):
    device: UUID4
    readings: list[Reading]
    last_fix: GeoFix | None = None
    fixes: dict[str, GeoFix] = {}
    severity: Severity = Severity.OK
    caps: Caps = Caps.READ
    flags: Flags = Flags.A
    uptime: timedelta
    rssi: Annotated[int, Field(lt=0, ge=-120)]
    ring: deque[float] = deque([1.0, 2.0], maxlen=5)
    ring2: Annotated[deque[int], Field(max_length=3)] = Field(default_factory=deque)
    counts: Counter[str] = Counter({"a": 1})
    dd: defaultdict[str, list[int]] = Field(default_factory=lambda: defaultdict(list))
    od: OrderedDict[str, int] = OrderedDict(a=1)


class NetworkConfig(BaseModel):
    address: ipaddress.IPv4Interface
    gateway: ipaddress.IPv4Address = ipaddress.IPv4Address("10.0.0.1")
    network: ipaddress.IPv4Network = ipaddress.IPv4Network("10.0.0.0/8")
    networks: set[ipaddress.IPv6Network] = set()
    dns: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [ipaddress.IPv4Address("1.1.1.1")]
    anyaddr: IPvAnyAddress | None = None
    anynet: IPvAnyNetwork | None = None
    anyif: IPvAnyInterface | None = None
    by_ip: dict[ipaddress.IPv4Address, str] = {}


class FractionModel(BaseModel):
    f: Fraction = Fraction(1, 3)
    g: Fraction


class Abstracts(BaseModel):
    seq: Sequence[int]
    mseq: MutableSequence[int] = []
    mapping: Mapping[str, float] = {}
    mmapping: MutableMapping[str, list[int]] = {}
    aset: AbstractSet[str] = frozenset()
    it: Iterable[int] = ()
    old: List[Dict[str, Tuple[int, ...]]] = []
    fs: FrozenSet[Tuple[int, int]] = frozenset({(1, 2)})
    homog: tuple[float, ...] = (1.0, 2.5)
    fixed: tuple[int, str, None, bool] = (1, "a", None, True)
    nested_fixed: tuple[tuple[int, int], tuple[str, ...]] = ((1, 2), ("a",))
    bare_tuple: tuple = ()
    bare_set: set = set()
    bare_frozen: frozenset = frozenset()
    bare_deque: deque = deque()
    bounded: Annotated[tuple[int, ...], Field(min_length=1, max_length=4)] = (1,)
    omit: list[OnErrorOmit[int]] = []
    ff: Annotated[list[int], FailFast()] = []


class Opts(TypedDict, total=False):
    """Options of a device."""

    interval: Required[int]
    burst: bool
    label: NotRequired[str | None]


class Closed(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")
    a: int
    b: Annotated[str, Field(min_length=1, description="bee")]


class FuncDict(TypedDict("FuncDict", {"user-id": int, "class": str, "x": NotRequired[list[int]]})):
    pass


@dataclasses.dataclass(frozen=True)
class Threshold:
    """Limits."""

    low: float
    high: float = 100.0
    tags: list[str] = dataclasses.field(default_factory=list)
    name: Annotated[str, Field(alias="thresholdName")] = "n"


@pdataclass(config=ConfigDict(extra="forbid", title="Pyd dc"))
class PThreshold:
    low: int = Field(ge=0)
    inner: Threshold | None = None
    kw: int = dataclasses.field(default=3, kw_only=True)


class DeviceConfig(BaseModel):
    opts: Opts
    opts_default: Opts = {"interval": 3}
    closed: Closed | None = None
    func: FuncDict | None = None
    th: Threshold = Threshold(low=1.5)
    ths: list[Threshold] = [Threshold(low=1.0, high=2.0)]
    pth: PThreshold | None = None
    opts_list: list[Opts] = []


class On(BaseModel):
    state: Literal[True]
    level: int = 100


class Off(BaseModel):
    state: Literal[False]


class Dim(BaseModel):
    state: Literal["dim", None]
    level: int


class Switch(BaseModel):
    state: On | Off
    inner: Annotated[On | Off, Field(union_mode="left_to_right")] = On(state=True)
    any_of: Dim | On | Off | None = None


class JsonStuff(BaseModel):
    j: Json
    ji: Json[int] = 3
    jd: Json[dict[str, list[int]]]
    jm: Json[Opts] | None = None
    jv: JsonValue = {"a": [1, 2.5, None, True]}
    jlist: list[JsonValue] = []
    jdict: dict[str, JsonValue] = {}
    jn: JsonValue | None = None


EVENTS = (Telemetry, NetworkConfig, FractionModel, Abstracts, DeviceConfig, Switch, JsonStuff)
