"""Raw records into one typed Arrow table. Total: it never raises on content and never drops a record.

Here: the road from bytes to columns. Each record is decoded once in C only to test its types; the few that fail are read
patiently, place by place; then all go through DuckDB's from_json into the catalogue's columns. Not here: any judgement.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS, Column, Type
from linda_pipeline.ocpi.nested import elements_of, field_of, one_chunk, with_elements
from linda_pipeline.ocpi.patient import readable_names
from linda_pipeline.ocpi.shape import Flaw, place, read_patiently, structure
from linda_pipeline.ocpi.sieve import sieve

FLAWS = pa.schema([("row", pa.int64()), *((name, pa.string()) for name in ("column", "path", "found", "rule"))])

_DATETIME = (
    r"(?:000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
)
_PLACEHOLDER = r"1970-0?1-0?1T00:00:00(?:\.0+)?(?:Z|\+00:00)?"
"""OCPI lets parties write the epoch for a moment that is not known; the text itself writes it without zeros."""
_EPOCH = "TIMESTAMP '1970-01-01 00:00:00'"
_UTC = pa.timestamp("us", tz="UTC")
_COORDINATE = r"-?\d{1,3}(?:\.\d+)?"


@dataclass(frozen=True)
class Unit:
    """A run of records of one delivery as a table: a row each, in the order received.

    `table` has the catalogue's columns of the version, `<name>__text` beside each moment and coordinate, and `page` (from
    1), `position` (from 0), `readable` (False: not a JSON object), `reservation_only`, and for 2.1.1 CDRs `evse_count` and
    `connector_count`. `flaws` says which places could not be read. `raw` holds the bytes as received.
    """

    object: str
    version: str
    table: pa.Table
    flaws: pa.Table
    raw: list[bytes]

    def __len__(self) -> int:
        return len(self.raw)

    def where(self, keep: Any) -> Unit:
        """The unit with only the rows of a mask."""
        mask = one_chunk(keep).to_numpy(zero_copy_only=False)
        if mask.all():
            return self
        row_of = np.cumsum(mask) - 1
        flaws = self.flaws.filter(pc.take(one_chunk(keep), self.flaws["row"]))
        flaws = flaws.set_column(0, "row", pa.array(row_of[flaws["row"].to_numpy()], pa.int64()))
        raw = [self.raw[row] for row in np.flatnonzero(mask)]
        return Unit(self.object, self.version, self.table.filter(keep), flaws, raw)

    def with_ids(self, table: pa.Table) -> pa.Table:
        """A table of the same rows in which a record that is no JSON has its id too, where it can still be told.

        For people alone: what such a record is cannot be known, so that nothing compares its id with others.
        """
        unread = pc.indices_nonzero(pc.invert(self.table["readable"])).to_pylist()
        if not unread:
            return table
        name = f"{self.object}_id"
        ids = table[name].to_pylist()
        for row in unread:
            ids[row] = readable_names(self.raw[row]).get("id")
        return table.set_column(table.schema.get_field_index(name), name, pa.array(ids, pa.string()))


def normalise(object_name: str, version: str, pages: Iterable[tuple[int, Sequence[bytes]]]) -> Unit:
    """Records as `(page number, records)` into a unit of an object (cdr or location) in a version."""
    raw: list[bytes] = []
    page_of: list[int] = []
    position_of: list[int] = []
    for number, records in pages:
        raw.extend(records)
        page_of.extend([number] * len(records))
        position_of.extend(range(len(records)))
    texts, readable, flaws = _tested(object_name, version, raw)
    table = _columns(object_name, version, texts, readable, flaws)
    table = table.append_column("page", pa.array(page_of, pa.int32()))
    table = table.append_column("position", pa.array(position_of, pa.int32()))
    table = table.append_column("readable", pa.array(readable, pa.bool_()))
    if object_name == "cdr":
        reserved = _reservation_only(table, [row for row, flaw in flaws if flaw.column == "total_energy_kwh"])
        table = table.append_column("reservation_only", reserved).drop_columns(["evse_not_applicable"])
    return Unit(object_name, version, table, _flaw_table(flaws), raw)


def _tested(object_name: str, version: str, raw: list[bytes]) -> tuple[list[bytes], list[bool], list[tuple[int, Flaw]]]:
    """Each record as JSON of the right types (its unreadable places left out), whether it is readable, and the flaws."""
    texts = list(raw)
    readable = [True] * len(raw)
    flaws: list[tuple[int, Flaw]] = []
    for row in sieve(object_name, version).suspects(raw):
        texts[row], readable[row] = _mended(object_name, version, row, raw[row], flaws)
    return texts, readable, flaws


def _mended(
    object_name: str, version: str, row: int, record: bytes, flaws: list[tuple[int, Flaw]]
) -> tuple[bytes, bool]:
    clean, found = read_patiently(object_name, version, record)
    flaws.extend((row, flaw) for flaw in found)
    return json.dumps(clean or {}).encode("ascii"), clean is not None


def _texts(texts: list[bytes]) -> pa.Array:
    """Texts as one column, copied once. Raises ArrowInvalid where one is no UTF-8 (in a field that is not imported)."""
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    column = pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(b"".join(texts)))
    column.validate(full=True)
    return column


def _columns(
    object_name: str, version: str, texts: list[bytes], readable: list[bool], flaws: list[tuple[int, Flaw]]
) -> pa.Table:
    connection = duckdb.connect(config={"threads": 1})
    try:
        connection.execute("SET TimeZone = 'UTC'")
        query = _query(object_name, version)
        table = _in_utc(_read(connection, query, object_name, version, texts, 0, readable, flaws))
        return _typed_lists(connection, object_name, version, table)
    finally:
        connection.close()


def _in_utc(table: pa.Table) -> pa.Table:
    """The table with its moments, which DuckDB gave in UTC without saying so, marked as UTC."""
    return table.cast(
        pa.schema([field.with_type(_UTC) if pa.types.is_timestamp(field.type) else field for field in table.schema])
    )


def _read(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    object_name: str,
    version: str,
    texts: list[bytes],
    first: int,
    readable: list[bool],
    flaws: list[tuple[int, Flaw]],
) -> pa.Table:
    """Read a run of texts; where DuckDB refuses the run, find the record that it stumbles over by halving."""
    try:
        records = pa.table({"j": _texts(texts)})  # noqa: F841 (DuckDB reads it by name)
        return connection.sql(query).to_arrow_table()
    except (duckdb.Error, pa.ArrowInvalid):
        if len(texts) > 1:
            middle = len(texts) // 2
            halves = [(texts[:middle], first), (texts[middle:], first + middle)]
            return pa.concat_tables(
                [_read(connection, query, object_name, version, half, start, readable, flaws) for half, start in halves]
            )
        # A field that the portal does not import holds something that DuckDB cannot read: keep only what it imports.
        mended, readable[first] = _mended(object_name, version, first, texts[0], flaws)
        return _read(connection, query, object_name, version, [mended], first, readable, flaws)


def _query(object_name: str, version: str) -> str:
    """Records to columns: read the JSON, take each field from its place, then give it its type."""
    columns = [column for column in OBJECTS[object_name] if version in column.path]
    places = [f"{place(column.path[version])} AS {column.name}" for column in columns]
    own = []
    if object_name == "cdr":
        if version == "2.1.1":
            own = [
                "coalesce(len(r['location']['evses']), 0) AS evse_count",
                "coalesce(len(r['location']['evses'][1]['connectors']), 0) AS connector_count",
                "false AS evse_not_applicable",
            ]
        else:
            own = [
                "coalesce(r['cdr_location']['evse_uid'] = '#NA' OR r['cdr_location']['evse_id'] = '#NA', false)"
                " AS evse_not_applicable"
            ]
    names = [expression.rpartition(" AS ")[2] for expression in own]
    usual = [
        f"{_usual_moment(column.name)} AS {column.name}__usual" for column in columns if column.type is Type.DATETIME
    ]
    typed = [expression for column in columns for expression in _expressions(column)]
    return (
        f"WITH read AS (SELECT from_json(j, '{structure(object_name, version)}') AS r FROM records), "
        f"placed AS (SELECT {', '.join([*places, *own])} FROM read), "
        f"dated AS (SELECT {', '.join(['*', *usual])} FROM placed) "
        f"SELECT {', '.join([*typed, *names])} FROM dated"
    )


def _expressions(column: Column) -> list[str]:
    """The SQL of a column from its field. Empty text and `#NA` (OCPI's word for: cannot be filled) count as missing."""
    name = column.name
    if column.type is Type.OBJECT:
        return [f"CAST({name} AS VARCHAR) AS {name}"]
    if column.type is Type.COORDINATE:
        number = f"CASE WHEN regexp_full_match({name}, '{_COORDINATE}') THEN TRY_CAST({name} AS DOUBLE) END"
        return [f"{number} AS {name}", f"{_meaningful(name)} AS {name}__text"]
    if column.type is Type.DATETIME:
        text = f"CASE WHEN NOT regexp_full_match({name}, '{_PLACEHOLDER}') THEN {_meaningful(name)} END"
        is_usual = f"{name}__usual <> {_EPOCH}"
        return [
            f"{_moment(name)} AS {name}",
            f"CASE WHEN {is_usual} THEN {name} ELSE {text} END AS {name}__text",
        ]
    return [f"{_meaningful(name)} AS {name}" if column.type.json == "string" else name]


def _meaningful(text: str) -> str:
    """Text, or null where it says nothing. Only what sorts before '!' can begin with white space and is looked at closely."""
    return (
        f"CASE WHEN {text} < '!' THEN CASE WHEN trim({text}, ' \t\r\n') NOT IN ('', '#NA') THEN {text} END "
        f"WHEN {text} <> '#NA' THEN {text} END"
    )


def _usual_moment(text: str) -> str:
    """The moment in the form that nearly all have, 2026-11-09T08:00:00Z; else null. Much cheaper than a regex for each."""
    return (
        f"CASE WHEN length({text}) = 20 AND {text} >= '1' AND suffix({text}, 'Z') "
        f"THEN try_strptime({text}, '%Y-%m-%dT%H:%M:%SZ') END"
    )


def _moment(name: str) -> str:
    """The moment of a field beside which its usual form stands; null where it is no moment, or OCPI's placeholder for none."""
    other = (
        f"CASE WHEN regexp_full_match({name}, '{_DATETIME}') AND NOT regexp_full_match({name}, '{_PLACEHOLDER}') "
        f"THEN TRY_CAST({name} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END"
    )
    return f"CASE WHEN {name}__usual <> {_EPOCH} THEN {name}__usual ELSE {other} END"


def _typed_lists(connection: duckdb.DuckDBPyConnection, object_name: str, version: str, table: pa.Table) -> pa.Table:
    """The table with the elements of its lists under our names, and moments in them read."""
    for column in OBJECTS[object_name]:
        if column.type is Type.LIST and version in column.path:
            typed = _typed_list(connection, column, version, table.column(column.name))
            table = table.set_column(table.schema.get_field_index(column.name), column.name, typed)
    return table


def _typed_list(connection: duckdb.DuckDBPyConnection, column: Column, version: str, lists: Any) -> Any:
    inner = OBJECTS[column.holds] if column.holds else column.fields
    if not inner:
        return one_chunk(lists)
    elements, _, _ = elements_of(lists)
    names: list[str] = []
    arrays: list[Any] = []
    for part in inner:
        if version not in part.path:
            continue
        sent = elements
        for step in part.path[version].split("."):
            sent = field_of(sent, step)
        names.append(part.leaf)
        if part.comes_as_text:
            batch = pa.table({"t": sent})  # noqa: F841 (DuckDB reads it by name)
            usual = f"SELECT *, {_usual_moment('t')} AS t__usual FROM batch"
            moments = connection.sql(f"SELECT {_moment('t')} AS m FROM ({usual})").to_arrow_table()["m"]
            arrays.append(one_chunk(moments).cast(_UTC))
            names.append(f"{part.leaf}__text")
            arrays.append(sent)
        else:
            arrays.append(_typed_list(connection, part, version, sent) if part.type is Type.LIST else sent)
    mask = pc.is_null(elements) if elements.null_count else None
    return with_elements(lists, pa.StructArray.from_arrays(arrays, names, mask=mask))


def _reservation_only(table: pa.Table, energy_unread: list[int]) -> Any:
    """Whether a CDR is of a reservation that never became a session: evse `#NA` without energy, or RESERVATION_TIME alone.

    A CDR with energy is a session, whatever its EVSE says; then the missing EVSE is a defect like any other. So it is where
    the energy cannot be read (the rows given): nobody would hear of that defect otherwise.
    """
    is_read = np.ones(table.num_rows, bool)
    is_read[energy_unread] = False
    no_energy = pc.and_not(pa.array(is_read), pc.fill_null(pc.greater(table["total_energy_kwh"], 0), False))
    reserved = pc.and_(table["evse_not_applicable"], no_energy)
    periods, row_of_period, _ = elements_of(table["charging_periods"])
    dimensions, period_of, _ = elements_of(field_of(periods, "dimensions"))
    is_reservation = pc.fill_null(pc.equal(field_of(dimensions, "type"), "RESERVATION_TIME"), False)
    if not pc.any(is_reservation).as_py():
        return one_chunk(reserved)
    rows = pc.take(row_of_period, period_of)
    whole = pa.table({"row": rows, "only": is_reservation}).group_by("row").aggregate([("only", "all")])
    only = whole.filter(whole["only_all"])["row"]
    alone = pc.is_in(pa.array(range(table.num_rows), pa.int64()), value_set=one_chunk(only))
    return one_chunk(pc.or_(reserved, pc.and_(alone, no_energy)))


def _flaw_table(flaws: list[tuple[int, Flaw]]) -> pa.Table:
    return pa.table(
        {
            "row": [row for row, _ in flaws],
            "column": [flaw.column for _, flaw in flaws],
            "path": [flaw.path for _, flaw in flaws],
            "found": [flaw.found for _, flaw in flaws],
            "rule": [flaw.rule for _, flaw in flaws],
        },
        schema=FLAWS,
    )
