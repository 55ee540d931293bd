"""The Arrow types of what was accepted: the columns of OCPI that may be kept, with those of our own around them.

Here: the schema of the accepted tables per object, so that the station that writes them and those that read them agree.
Not here: how records are read (ocpi) or judged, and what is made of them (warehouse).
"""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa

from linda_pipeline.ocpi.schema import imported_schema
from linda_pipeline.own_columns.declared import own_schema

_ORIGIN = ("ocpi_version", "window")
_PLACE = ("page", "position")
_BEFORE = {"cdr": own_schema("cpo"), "location": own_schema("cpo"), "evse": own_schema("cpo")}
_AFTER = {
    "cdr": own_schema(
        "user_pseudonym",
        "session_key",
        "owner_id",
        "permission_document",
        "plausibility_warnings",
        *_ORIGIN,
        *_PLACE,
        "pulled_at",
    ),
    "location": own_schema(*_ORIGIN, *_PLACE, "pulled_at"),
    "evse": own_schema(*_ORIGIN, "pulled_at"),
}
_LOCATION_ID = imported_schema("location").field("location_id")

PRESENT = pa.schema(
    [_LOCATION_ID, *(imported_schema("evse").field(name) for name in ("evse_uid", "evse_id")), *own_schema("bucket")]
)
"""Every EVSE that was received in a night, with the bucket (accepted, rejected, held_back) that it fell in."""


@lru_cache(maxsize=8)
def accepted_schema(object_name: str) -> pa.Schema:
    """The schema of the accepted table of an object (cdr, location or evse): the catalogue's columns without the personal
    ones, under our names, and those of our own. What a version lacks is null."""
    of_location = [_LOCATION_ID, *own_schema("index")] if object_name == "evse" else []
    return pa.schema([*_BEFORE[object_name], *of_location, *imported_schema(object_name), *_AFTER[object_name]])
