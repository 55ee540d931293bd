"""Where a charge point lies: municipality, district, neighbourhood, borough, NAL region, province and CBS cell.

Here: area files as shapes, and coordinates looked up in them. Not here: how area files are fetched, and borders that
changed over the years (the newest year in the folder holds for every session).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from linda_pipeline.errors import InputMistake
from linda_pipeline.own_columns.declared import own_schema

COLUMNS = own_schema(
    "gemeente_code",
    "wijk_code",
    "buurt_code",
    "stadsdeel",
    "nal_region",
    "province",
    "cbs_cell_500m",
    "area_year",
)
"""What `Areas.locate` says of each coordinate."""
AREA = own_schema("area_level", "area_code", "area_name", "gemeente_code", "province", "nal_region", "area_year")
"""The columns of `Areas.table`."""
NATION = "NL"
_LEVELS = {
    "buurt": ("buurtcode", "buurtnaam"),
    "wijk": ("wijkcode", "wijknaam"),
    "gemeente": ("gemeentecode", "gemeentenaam"),
    "stadsdeel": ("name", "name"),
}
"""Level -> the properties that hold its code and its name. A feature is of the first level whose code it has."""
_RD_BOUNDS_M = (0, 300_000, 290_000, 630_000)
"""Where the Dutch grid means anything: least x, least y, largest x, largest y."""


class AreasUnusable(InputMistake):
    """The area files cannot be used: the message says what to do about it."""


@dataclass(frozen=True)
class _Layer:
    """The areas of one level: shapes, and what is told of each, sorted by code."""

    shapes: Any
    features: tuple[dict[str, Any], ...]

    def find(self, points: Any) -> Any:
        """The number of the area that holds each point, -1 for none. On a shared border the lowest code holds."""
        found = np.full(len(points), len(self.features), dtype=np.int64)
        if len(points) and self.features:
            area, point = shapely.STRtree(points).query(self.shapes, predicate="intersects")
            np.minimum.at(found, point, area)
        found[found == len(self.features)] = -1
        return found


class Areas:
    """The areas of one folder, ready to be asked."""

    def __init__(self, layers: dict[str, _Layer]) -> None:
        self._layers = layers

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all shapes, and of what is told of them."""
        found = hashlib.sha256()
        for level, layer in sorted(self._layers.items()):
            found.update(json.dumps([level, layer.features], default=str).encode())
            for shape in shapely.to_wkb(layer.shapes):
                found.update(shape)
        return found.hexdigest()

    def locate(self, latitude: Any, longitude: Any) -> pa.Table:
        """The areas of each coordinate (WGS 84), in order; null where it is missing, or lies in no area that is known."""
        points, which = _distinct(_floats(latitude), _floats(longitude))
        return self._locate_points(points).take(pa.array(which, mask=which < 0))

    def nal_regions(self, latitude: Any, longitude: Any) -> pa.Array:
        """The NAL region of each coordinate alone, in order; null where it is missing or lies in none that is known."""
        points, which = _distinct(_floats(latitude), _floats(longitude))
        found = self._layers["gemeente"].find(shapely.points(points))
        return self._told("gemeente", "nal_region", {"gemeente": found}).take(pa.array(which, mask=which < 0))

    def _locate_points(self, points: Any) -> pa.Table:
        shapes = shapely.points(points)
        found = {level: layer.find(shapes) for level, layer in self._layers.items()}
        x, y = _to_rd().transform(points[:, 0], points[:, 1])
        columns = {
            "gemeente_code": self._told("gemeente", "code", found),
            "wijk_code": self._told("wijk", "code", found),
            "buurt_code": self._told("buurt", "code", found),
            "stadsdeel": self._told("stadsdeel", "code", found),
            "nal_region": self._told("gemeente", "nal_region", found),
            "province": self._told("gemeente", "province", found),
            "cbs_cell_500m": cells_500m(x, y),
            "area_year": self._told("gemeente", "year", found),
        }
        missing = {name: pa.nulls(len(points), COLUMNS.field(name).type) for name in COLUMNS.names}
        return pa.table({**missing, **{k: v for k, v in columns.items() if v is not None}}, schema=COLUMNS)

    def _told(self, level: str, what: str, found: dict[str, Any]) -> Any:
        if level not in self._layers:
            return None
        kind = pa.int32() if what == "year" else pa.string()
        values = pa.array([feature[what] for feature in self._layers[level].features], kind)
        return values.take(pa.array(found[level], mask=found[level] < 0))

    def table(self) -> pa.Table:
        """Every area that KPIs can speak of, with its name and what it lies in; cells have no row."""
        rows = [_area("nation", NATION, "Nederland")]
        features = [feature for layer in self._layers.values() for feature in layer.features]
        for level, key in (("nal_region", "nal_region"), ("province", "province")):
            rows += [_area(level, code, code) for code in sorted({f[key] for f in features if f[key]})]
        for level in ("gemeente", "wijk", "buurt", "stadsdeel"):
            for feature in self._layers[level].features if level in self._layers else ():
                told = {name: feature[name] for name in ("gemeente_code", "province", "nal_region")}
                rows.append(_area(level, feature["code"], feature["name"], area_year=feature["year"], **told))
        return pa.Table.from_pylist(rows, schema=AREA)


def _area(level: str, code: str, name: str | None, **more: Any) -> dict[str, Any]:
    return {"area_level": level, "area_code": code, "area_name": name, **more}


def cells_500m(x_m: Any, y_m: Any) -> pa.Array:
    """The CBS 500 m cell of Dutch grid coordinates (EPSG:28992): its lower left corner in hectometres, half-open."""
    x, y = np.atleast_1d(np.asarray(x_m, float)), np.atleast_1d(np.asarray(y_m, float))
    least_x, least_y, most_x, most_y = _RD_BOUNDS_M
    with np.errstate(invalid="ignore"):
        inside = (x >= least_x) & (x < most_x) & (y >= least_y) & (y < most_y)
    column = np.floor(np.where(inside, x, 0) / 500).astype(int) * 5
    row = np.floor(np.where(inside, y, 0) / 500).astype(int) * 5
    names = [f"E{e:04d}N{n:04d}" if ok else None for e, n, ok in zip(column, row, inside, strict=True)]
    return pa.array(names, pa.string())


@lru_cache(maxsize=1)
def _to_rd() -> Any:
    from pyproj import Transformer  # a moment's work, and only grid cells need it

    return Transformer.from_crs("EPSG:4326", "EPSG:28992", always_xy=True)


def _floats(values: Any) -> Any:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        values = values.to_numpy(zero_copy_only=False) if isinstance(values, pa.Array) else values.to_numpy()
    return np.asarray(values, dtype=float)


def _distinct(latitude: Any, longitude: Any) -> tuple[Any, Any]:
    """The distinct points as (longitude, latitude) that lie on earth, and for each coordinate which one it is, or -1."""
    with np.errstate(invalid="ignore"):
        valid = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    which = np.full(len(latitude), -1, dtype=np.int64)
    points, inverse = np.unique(longitude[valid] + 1j * latitude[valid], return_inverse=True)
    which[valid] = inverse
    return np.column_stack([points.real, points.imag]).reshape(-1, 2), which


def read_areas(folder: Path) -> Areas:
    """The area files (GeoJSON, WGS 84) of a folder. Raises AreasUnusable.

    What a feature is shows in its properties: gemeentecode, wijkcode or buurtcode as CBS writes them, with provincie and
    nal_regio; a name alone makes it a borough. Made-up areas step back as soon as real ones of their level are there. A
    process reads them once for as long as the files stand as they were: real borders take a second.
    """
    return _areas_of(folder, tuple(map(_stand, sorted(folder.glob("*.geojson")) if folder.is_dir() else [])))


def _stand(path: Path) -> tuple[Path, int, int]:
    """A file, and by what it is known to be unchanged; one that cannot be read says so when it is read."""
    try:
        found = path.stat()
    except OSError:
        return path, 0, 0
    return path, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1)
def _areas_of(folder: Path, files: tuple[tuple[Path, int, int], ...]) -> Areas:
    features = [feature for path, *_ in files for feature in _read(path)]
    if not any(feature["level"] == "gemeente" for feature in features):
        raise AreasUnusable(
            f"There is no area file with municipalities (*.geojson with gemeentecode) in {folder}. "
            "Put one there, or point LINDA_AREAS at the folder that has it."
        )
    return Areas({level: _layer(found) for level in _LEVELS if (found := [f for f in features if f["level"] == level])})


def _layer(features: list[dict[str, Any]]) -> _Layer:
    real = [feature for feature in features if not feature["made_up"]] or features
    newest = max(feature["year"] or 0 for feature in real)
    chosen = sorted((f for f in real if (f["year"] or 0) == newest), key=lambda feature: str(feature["code"]))
    return _Layer(np.array([feature.pop("shape") for feature in chosen], dtype=object), tuple(chosen))


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [_feature(feature, content, path) for feature in content["features"] if feature.get("geometry")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise AreasUnusable(
            f"The area file {path} cannot be read as GeoJSON ({type(error).__name__}: {error}). Mend it or take it away."
        ) from None


def _feature(feature: dict[str, Any], collection: dict[str, Any], path: Path) -> dict[str, Any]:
    told = feature["properties"]
    level = next((level for level, (code, _) in _LEVELS.items() if told.get(code)), None)
    if level is None:
        raise KeyError("a feature has none of the properties buurtcode, wijkcode, gemeentecode, name")
    code, name = _LEVELS[level]
    in_name = re.search(r"(?<!\d)20\d\d(?!\d)", path.stem)
    year = told.get("year", collection.get("year", in_name.group() if in_name else None))
    return {
        "level": level,
        "code": str(told[code]),
        "name": told.get(name),
        "gemeente_code": told.get("gemeentecode"),
        "province": told.get("provincie"),
        "nal_region": told.get("nal_regio"),
        "year": int(year) if year is not None else None,
        "made_up": bool(collection.get("made_up")),
        "shape": shapely.geometry.shape(feature["geometry"]),
    }
