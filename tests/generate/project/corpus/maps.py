"""GeoJSON and maps."""

from __future__ import annotations

from typing import (
    Annotated,
    Any,
    Dict,
    Generic,
    List,
    Literal,
    NamedTuple,
    Optional,
    Tuple,
    TypeVar,
    Union,
)

from pydantic import BaseModel, Field

Lon = Annotated[float, Field(ge=-180, le=180)]


Lat = Annotated[float, Field(ge=-90, le=90, description="Degrees north")]


Position2D = Tuple[Lon, Lat]


Position3D = Tuple[Lon, Lat, float]


Position = Union[Position2D, Position3D]


BBox = Union[Tuple[float, float, float, float], Tuple[float, float, float, float, float, float]]


LinearRing = Annotated[List[Position], Field(min_length=4)]


class Position2(NamedTuple):
    longitude: float
    latitude: float


class _Geometry(BaseModel):
    type: str
    bbox: Optional[BBox] = None


class Point(_Geometry):
    type: Literal["Point"]
    coordinates: Position


class MultiPoint(_Geometry):
    type: Literal["MultiPoint"]
    coordinates: List[Position]


class LineString(_Geometry):
    type: Literal["LineString"]
    coordinates: Annotated[List[Position], Field(min_length=2)]


class Polygon(_Geometry):
    type: Literal["Polygon"]
    coordinates: List[LinearRing]


class GeometryCollection(_Geometry):
    type: Literal["GeometryCollection"]
    geometries: List[Geometry]


Geometry = Annotated[
    Union[Point, MultiPoint, LineString, Polygon, GeometryCollection], Field(discriminator="type")
]


GeometryCollection.model_rebuild()


Props = TypeVar("Props", bound=Union[Dict[str, Any], BaseModel])


Geom = TypeVar("Geom", bound=_Geometry)


class Feature(BaseModel, Generic[Geom, Props]):
    type: Literal["Feature"]
    geometry: Union[Geom, None] = Field(...)
    properties: Union[Props, None] = Field(...)
    id: Optional[Union[int, str]] = None


class FeatureCollection(BaseModel, Generic[Geom, Props]):
    type: Literal["FeatureCollection"]
    features: List[Feature[Geom, Props]]


class ParcelProps(BaseModel):
    owner: str
    area_m2: float = Field(gt=0, alias="area-m²")
    zone: Literal["R1", "R2", "C"] = "R1"


class ParcelImported(BaseModel):
    parcel: Feature[Polygon, ParcelProps]
    neighbours: FeatureCollection[Polygon, ParcelProps] | None = None
    anything: Feature[Point, Dict[str, Any]]
    shape: Geometry
    shapes: dict[str, Geometry] = {"origin": Point(type="Point", coordinates=(0, 0))}
    origin: Position2 = Position2(1.0, 2.0)
    route: list[Position2] = []


class Tile(BaseModel):
    z: Annotated[int, Field(ge=0, le=22)]
    xy: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] = (0, 0)
    bounds: BBox
    crs: Literal["EPSG:4326", "EPSG:3857"] | int | None = "EPSG:3857"
    kv: list[tuple[str, Literal[1, 2, 3] | None]] = [("a", 1), ("b", None)]
    triple: tuple[Position2, Position2, Position2] | None = None


EVENTS = (ParcelImported, Tile)
