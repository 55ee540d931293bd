"""The places of a record: where a value can be put, and how a place stands to another.

Here: walking over good records. Not here: any test.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Steps = tuple[str | int, ...]


def places_in(value: Any, above: Steps = ()) -> Iterator[Steps]:
    """Every place within a record: of each field, each element and what they hold."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    for step, found in inside:
        yield (*above, step)
        yield from places_in(found, (*above, step))


def put(record: Any, place: Steps, value: Any) -> Any:
    """A copy of a record with a value at a place."""
    changed = copy.deepcopy(record)
    inside = changed
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    return changed


def path_of(place: Steps) -> str:
    """A place as findings write it, such as charging_periods[0].dimensions."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def related(path: str, other: str) -> bool:
    """Whether two paths are the same place, or one lies within the other."""
    longer, shorter = sorted((path, other), key=len, reverse=True)
    return longer == shorter or shorter == "" or longer.startswith((f"{shorter}.", f"{shorter}["))
