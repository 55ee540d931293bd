"""The rules and columns as a Pandera schema: the gate in front of what is accepted, and what a CPO can check itself with.

Here: a flat pandas frame of a table (its scalar columns, and a column of yes and no per rule), the schema of it, and the
gate. Not here: findings. Masks find; Pandera guards, so the schema is made from the very same declarations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from linda_pipeline.errors import LindaError
from linda_pipeline.ocpi.columns import OBJECTS, Column, Type
from linda_pipeline.ocpi.nested import elements_of, field_of
from linda_pipeline.quality.mending import Mended
from linda_pipeline.quality.profile import CURRENT, Profile
from linda_pipeline.quality.rule import NotRun, Rule, Severity
from linda_pipeline.quality.rules import rules_for, settled
from linda_pipeline.quality.view import View

_ARROW: dict[Type, Any] = {
    Type.TEXT: pa.string(),
    Type.CI_TEXT: pa.string(),
    Type.OBJECT: pa.string(),
    Type.NUMBER: pa.float64(),
    Type.COORDINATE: pa.float64(),
    Type.INTEGER: pa.int64(),
    Type.BOOLEAN: pa.bool_(),
    Type.DATETIME: pa.timestamp("us", tz="UTC"),
}
_SHOWN = 10
"""How many failures the message of a closed gate names."""


class GateFailed(LindaError):
    """A table that was judged fine breaks an error rule or a type: our own failure, never the CPO's."""


def schema(object_name: str, version: str, profile: Profile = CURRENT) -> pandera.DataFrameSchema:
    """The Pandera schema of the `frame` of accepted records of an object (cdr, location or evse) in a version.

    A column has its Arrow type, and may be null where the version lets the field be absent. The column of a rule is true
    where the record keeps to it; only error rules are there. Validate with `lazy=True` to have every failure: one case per
    record and rule, whose column is the rule's id. Other columns are left alone.
    """
    return _schema(object_name, version, settled(profile))


@lru_cache(maxsize=16)
def _schema(object_name: str, version: str, profile: Profile) -> pandera.DataFrameSchema:
    columns = {
        column.name: pandera.Column(
            pd.ArrowDtype(_ARROW[column.type]),
            nullable=_may_be_null(object_name, column, version, profile),
            description=column.en,
        )
        for column in _scalars(object_name, version)
    }
    rules = {
        rule.id: pandera.Column(
            bool, pandera.Check(_is_kept, name=rule.id, error=rule.en), title=rule.id, description=rule.en
        )
        for rule in error_rules(object_name, version, profile)
    }
    return pandera.DataFrameSchema(columns | rules, name=f"{object_name} {version}", strict=False)


def _is_kept(kept: pd.Series[bool]) -> pd.Series[bool]:
    return kept


def frame(view: View) -> pd.DataFrame:
    """The table of a view as `schema` checks it: its scalar columns, and per error rule whether each record keeps to it.

    A text that came for a moment or a coordinate is not in it; neither are lists: their elements are in the rules' columns.
    """
    table = view.table.select([column.name for column in _scalars(view.object, view.version)])
    scalars = table.to_pandas(types_mapper=pd.ArrowDtype)
    kept = {rule.id: _kept(view, rule) for rule in error_rules(view.object, view.version, view.profile)}
    checked: pd.DataFrame = pd.concat([scalars, pd.DataFrame(kept, index=scalars.index)], axis=1)
    return checked


def gate(table: pa.Table, object_name: str, version: str, view: View) -> None:
    """Let an accepted table pass, or raise GateFailed where it breaks an error rule or a type.

    `view` gives what holds for the whole delivery (the moment of the pull, the parties, the profile).
    """
    if not table.num_rows:
        return
    judged = replace(view, object=object_name, version=version, table=table, flawed={}, mended=Mended())
    try:
        schema(object_name, version, view.profile).validate(frame(judged), lazy=True)
    except SchemaErrors as error:
        raise GateFailed(_told(error.failure_cases, object_name, version)) from error


def _told(failures: pd.DataFrame, object_name: str, version: str) -> str:
    counts = failures.groupby("column", dropna=False).size()
    first = [f"{column} ({count} times)" for column, count in list(counts.items())[:_SHOWN]]
    more = f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
    return (
        f"Records ({object_name}, OCPI {version}) that were judged fine do not pass the gate: {', '.join(first)}{more}. "
        "This is a mistake in the pipeline, not in the delivery; nothing was accepted. Please report it."
    )


def _scalars(object_name: str, version: str) -> Iterator[Column]:
    return (column for column in OBJECTS[object_name] if version in column.path and column.type is not Type.LIST)


def _may_be_null(object_name: str, column: Column, version: str, profile: Profile) -> bool:
    """Whether a field may be absent. Where a rule lets some records leave out a mandatory field, that rule alone decides."""
    path = column.path[version]
    is_softened = f"{object_name}.{column.stem}_required" in profile.severities
    told_by_rule = "[0]" in path or (object_name, column.name) in _LEFT_OUT_BY_SOME or is_softened
    return version not in column.required or told_by_rule


_LEFT_OUT_BY_SOME = {("evse", "evse_id"), ("cdr", "evse_uid"), ("cdr", "evse_id"), ("cdr", "connector_id")}


def error_rules(object_name: str, version: str, profile: Profile = CURRENT) -> tuple[Rule, ...]:
    """The rules that can refuse a single record."""
    return _error_rules(object_name, version, settled(profile))


@lru_cache(maxsize=16)
def _error_rules(object_name: str, version: str, profile: Profile) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in rules_for(object_name, version, profile)
        if rule.body is not None and rule.severity[version] is Severity.ERROR
    )


def _kept(view: View, rule: Rule) -> Any:
    """Per record whether it keeps to a rule, so far as the rule refuses."""
    kept = np.ones(len(view), bool)
    verdict = rule.judge(view)
    for part in () if isinstance(verdict, NotRun) else verdict:
        if len(part.rows) and part.severity in (None, Severity.ERROR):
            column = part.column or rule.blames
            rows = np.asarray(part.rows)
            kept[_records(view, column, rows) if "." in column else rows] = False
    return kept


def _records(view: View, column: str, broken: Any) -> Any:
    """The records that hold these elements of a column inside a list."""
    lists = column.split(".")[:-1]
    elements, rows, _ = elements_of(view.table[lists[0]])
    for leaf in lists[1:]:
        elements, parents, _ = elements_of(field_of(elements, leaf))
        rows = pc.take(rows, parents)
    return rows.to_numpy()[broken]
