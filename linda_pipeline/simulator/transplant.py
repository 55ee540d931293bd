"""What it takes to put a rule's example into another record: its moments are relative to the good record's session.

Here: giving a record the good record's session at another time, and moving an example's moments along. Not here: which
record gets which example (defects.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from linda_pipeline.ocpi.columns import Column
from linda_pipeline.ocpi.columns.column import Type
from linda_pipeline.quality.example import PULLED_AT, full_path
from linda_pipeline.simulator.records import Record

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(.*)", re.DOTALL)
_NEAR = timedelta(days=60)
"""Moments of an example within this distance of its pull belong to its session; others (1970) stand for themselves."""
_UNKNOWN = "1970-01-01T00:00:00"
_SESSION_FIELDS = ("start_date_time", "end_date_time", "stop_date_time", "charging_periods", "total_")
_CHANGED = "last_updated"

Example = Mapping[str, Any]


def speaks_of_the_session(example: Example, columns: Mapping[str, Column], version: str) -> bool:
    """Whether an example changes moments, amounts or periods, and so leans on the good record's session."""
    return any(
        _top(name, columns, version).startswith(_SESSION_FIELDS)
        or (name in columns and columns[name].type is Type.DATETIME)
        for name in example
    )


def _top(name: str, columns: Mapping[str, Column], version: str) -> str:
    path = name[1:] if name.startswith("@") else full_path(columns, name, version)
    return re.split(r"[.\[]", path)[0]


def shift_of(example: Example, good: Record, record: Record, at: datetime, now: datetime) -> timedelta:
    """How far the good record's session and an example's moments move, so that the record keeps its last_updated `at`.

    Where the session lies in the example's future it comes to lie in the future of `now`; an example about last_updated
    moves so that it falls on `at`; else the session ends when the record's own did.
    """
    others = [value for name, value in example.items() if name != _CHANGED]
    if any(PULLED_AT < moment < PULLED_AT + _NEAR for moment in _moments(others)):
        return now - PULLED_AT
    changed = next((moment for moment in _moments(example.get(_CHANGED)) if _is_near(moment)), None)
    if changed is not None:
        return at - changed
    end = next(name for name in ("stop_date_time", "end_date_time") if name in good)
    return _moment(record[end]) - _moment(good[end])


def without_foreign_change(example: Example, shift: timedelta, at: datetime) -> dict[str, Any]:
    """An example without its last_updated, where that would take the record out of the window in which it is sent."""
    moments = list(_moments(example.get(_CHANGED)))
    is_foreign = any(not _is_near(moment) or moment + shift != at for moment in moments)
    return {name: value for name, value in example.items() if name != _CHANGED or not is_foreign}


def give_session(record: Record, good: Record, shift: timedelta) -> None:
    """Give a record the moments, amounts, periods and costs of the good record's session."""
    for name, value in good.items():
        if name.startswith(_SESSION_FIELDS):
            record[name] = moved(value, shift)


def moved(value: Any, shift: timedelta) -> Any:
    """A value with its moments moved along with the session."""
    if isinstance(value, str):
        return _moved_text(value, shift)
    if isinstance(value, list):
        return [moved(element, shift) for element in value]
    if isinstance(value, dict):
        return {name: moved(element, shift) for name, element in value.items()}
    return value


def _moved_text(value: str, shift: timedelta) -> str:
    for moment in _moments(value):
        if _is_near(moment):
            return (moment + shift).strftime("%Y-%m-%dT%H:%M:%S") + value[19:]
    return value


def _moments(value: Any) -> Iterator[datetime]:
    """The moments anywhere in a value; a text that is no possible moment, or OCPI's for an unknown one, is passed over."""
    if isinstance(value, str) and _MOMENT.fullmatch(value) and not value.startswith(_UNKNOWN):
        try:
            yield _moment(value)
        except ValueError:
            return
    elif isinstance(value, list):
        for element in value:
            yield from _moments(element)
    elif isinstance(value, dict):
        yield from _moments(list(value.values()))


def _moment(text: str) -> datetime:
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)


def _is_near(moment: datetime) -> bool:
    return abs(moment - PULLED_AT) < _NEAR
