"""Who a record is: the keys of CDRs, Locations and EVSEs, spelled once for Arrow columns, for SQL and for single texts.

Here: how ids are folded, and the keys made of them. OCPI's CiString holds printable ASCII and is compared without regard to
case; no letter outside ASCII is folded, since Arrow, DuckDB and Python disagree on those. It stands in ocpi because it is
OCPI's law, which the rules, the ledger and the warehouse all have to read alike. Not here: which of two records with one key
stands (quality.identity), and pseudonyms of people.
"""

from __future__ import annotations

import string
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import one_chunk

_LOWER, _UPPER = string.ascii_lowercase, string.ascii_uppercase
_TO_UPPER = str.maketrans(_LOWER, _UPPER)
_EVSE_SEPARATORS = "*-"
"""What may stand between the parts of an EVSE id, and may be left out (ISO 15118-2, annex H)."""


def folded(ids: Any) -> Any:
    """Ids as they are compared: their ASCII letters in capitals."""
    return pc.ascii_upper(one_chunk(ids))


def folded_text(one: str) -> str:
    """A single id as it is compared."""
    return one.translate(_TO_UPPER)


def folded_sql(ids: str) -> str:
    """SQL for an id as it is compared. `upper` is fast, and right where all is ASCII: as many bytes as characters."""
    return (
        f"CASE WHEN strlen({ids}) = length({ids}) THEN upper({ids}) ELSE translate({ids}, '{_LOWER}', '{_UPPER}') END"
    )


def folded_evse_ids(ids: Any) -> Any:
    """EVSE ids as they are compared: in capitals, without separators; null where nothing is left."""
    bare = pc.replace_substring_regex(folded(ids), f"[{_EVSE_SEPARATORS}]", "")
    return pc.if_else(pc.equal(bare, ""), None, bare)


def folded_evse_id_text(one: str) -> str | None:
    """A single EVSE id as it is compared; None where nothing is left."""
    return folded_text(one).translate(dict.fromkeys(map(ord, _EVSE_SEPARATORS))) or None


def folded_evse_ids_sql(ids: str = "evse_id") -> str:
    """SQL for an EVSE id as it is compared; null where nothing is left."""
    bare = folded_sql(ids)
    for separator in _EVSE_SEPARATORS:
        bare = f"replace({bare}, '{separator}', '')"
    return f"nullif({bare}, '')"


def cdr_keys(table: pa.Table, cpo: str, ids: str = "cdr_id") -> Any:
    """The keys of CDRs, OWNER'S COUNTRY|PARTY|ID; null without an id. Where no owner is named, it is the CPO itself (2.1.1).

    `cpo`: its key in the register, such as NL-ABC; `ids`: the column of the id (or of the CDR that a credit takes back).
    """
    country, _, party = cpo.partition("-")
    owner = [
        pc.fill_null(folded(table[name]), default) if name in table.column_names else pa.repeat(default, table.num_rows)
        for name, default in (("country_code", country), ("party_id", party))
    ]
    return one_chunk(pc.binary_join_element_wise(*map(one_chunk, owner), folded(table[ids]), "|"))


def cdr_keys_sql(ids: str = "cdr_id", cpo: str = "cpo") -> str:
    """SQL for the keys of CDRs. `cpo`: SQL for the key of the CPO that delivered them."""
    country = f"coalesce({folded_sql('country_code')}, split_part({cpo}, '-', 1))"
    party = f"coalesce({folded_sql('party_id')}, split_part({cpo}, '-', 2))"
    return f"({country} || '|' || {party} || '|' || {folded_sql(ids)})"


def location_keys(table: pa.Table) -> Any:
    """The keys of Locations within one CPO's deliveries, COUNTRY|PARTY|ID; null without an id."""
    parts = [
        pc.fill_null(folded(table[name]), "") if name in table.column_names else pa.repeat("", table.num_rows)
        for name in ("country_code", "party_id")
    ]
    return one_chunk(pc.binary_join_element_wise(*map(one_chunk, parts), folded(table["location_id"]), "|"))


def location_keys_sql() -> str:
    """SQL for the keys of Locations within one CPO's deliveries."""
    country, party = (f"coalesce({folded_sql(name)}, '')" for name in ("country_code", "party_id"))
    return f"({country} || '|' || {party} || '|' || {folded_sql('location_id')})"


def evse_names(table: pa.Table) -> Any:
    """EVSEs by where they stand, LOCATION/UID; null where either is not known."""
    return pc.binary_join_element_wise(folded(table["location_id"]), folded(table["evse_uid"]), "/")


def evse_names_sql(location_id: str = "location_id", evse_uid: str = "evse_uid") -> str:
    """SQL for EVSEs by where they stand."""
    return f"({folded_sql(location_id)} || '/' || {folded_sql(evse_uid)})"


def evse_keys(table: pa.Table) -> Any:
    """Who an EVSE is: its folded EVSE id, else where it stands."""
    return pc.coalesce(folded_evse_ids(table["evse_id"]), evse_names(table))


def evse_keys_sql(evse_id: str = "evse_id", location_id: str = "location_id", evse_uid: str = "evse_uid") -> str:
    """SQL for who an EVSE is."""
    return f"coalesce({folded_evse_ids_sql(evse_id)}, {evse_names_sql(location_id, evse_uid)})"
