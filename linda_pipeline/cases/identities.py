"""Who a followed record is, as the register keeps it: the same for what was refused and for what mends it.

Here: the refused records of a judgement by identity, with the rules that refused each. Not here: the keys themselves
(ocpi.record_keys), and what is done with them (taking_in.py).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.errors import one_line

_PLAIN = "^[ -~]{1,200}$"
_NO_ID = "§"
"""What the identity of records without an id begins with; no other one does, since those are plain ASCII."""
_LONGEST_ID = 100


@dataclass
class Refused:
    """A record that is to come again; or the records without an id that break one rule."""

    object: str
    record_id: str | None
    nal_region: str | None
    rules: set[str] = field(default_factory=set)
    records: int = 1


def kept(identity: str) -> str:
    """An identity as it is kept: one that is long, or holds signs that not every database takes, by its hash."""
    if re.match(_PLAIN, identity):
        return identity
    return "sha256 " + hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()


def kept_all(identities: Any) -> Any:
    """A column of identities as they are kept."""
    is_plain = pc.match_substring_regex(identities, _PLAIN)
    others = identities.filter(pc.invert(is_plain)).to_pylist()
    if not others:
        return identities
    return pc.replace_with_mask(identities, pc.invert(is_plain), pa.array([kept(one) for one in others], pa.string()))


def without_id(identities: Any) -> Any:
    """The mask of those of a column that stand for records without an id."""
    return pc.starts_with(identities, _NO_ID)


def rule_without_id(identity: str) -> str:
    """The rule (object.rule) of an identity that stands for records without an id."""
    return identity.rpartition(" ")[2]


def refused_by_identity(table: pa.Table, window: date) -> dict[str, Refused]:
    """What a judgement refused (ledger.follow_up.REFUSED). Records without an id are counted per rule."""
    found: dict[str, Refused] = {}
    columns = (table[name].to_pylist() for name in ("object", "identity", "id", "nal_region", "rules"))
    for name, identity, record_id, region, rules in zip(*columns, strict=True):
        if identity is not None:
            shown = one_line(record_id or "")[:_LONGEST_ID]
            found.setdefault(kept(identity), Refused(name, shown, region)).rules.update(rules)
            continue
        for rule in rules:
            nameless = found.setdefault(f"{_NO_ID} {window} {name}.{rule}", Refused(name, None, None, {rule}, 0))
            nameless.records += 1
    return found
