"""What a rule sees: the columns of one unit of records, and what holds for the whole delivery.

Here: View. Not here: how the columns came to be (ocpi.normalise, and what road joins on), and the profile (profile.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import by_name
from linda_pipeline.ocpi.nested import elements_of, field_of, one_chunk
from linda_pipeline.quality.mending import TEXT_READABLE, Mended
from linda_pipeline.quality.profile import CURRENT, Parameters, Profile, Severity


@dataclass(frozen=True)
class View:
    """A unit of records of one object in one OCPI version, as Arrow columns.

    A column inside a list is named with dots (`charging_periods.dimensions.volume`) and has one value per element, laid
    end to end. Empty text and `#NA` (OCPI's word for: cannot be filled) are null, inside lists too.
    """

    object: str
    version: str
    table: pa.Table
    pulled_at: datetime
    parties: frozenset[str] = frozenset()
    """Country code and party id, joined by a dash, of every owner whose records the CPO may deliver."""
    profile: Profile = CURRENT
    flawed: Mapping[str, Any] = field(default_factory=dict)
    """By column: the mask of records in which the normaliser could not read it. Columns without flaws are absent."""
    mended: Mended = field(default_factory=Mended)
    """What was mended in the table, or cannot be read, before it is judged."""
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def parameters(self) -> Parameters:
        """The tolerances and limits of the profile."""
        return self.profile.parameters

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the columns."""
        return frozenset(self.table.column_names)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, name: str) -> Any:
        if name not in self._kept:
            above, _, leaf = name.rpartition(".")
            values = field_of(self.inside(above), leaf) if above else one_chunk(self.table.column(name))
            is_as_sent = above or self.object == "evse"
            values = self._meaningful(name, values) if is_as_sent else values
            self._kept[name] = values if above else self._readable(name, values)
        return self._kept[name]

    def inside(self, name: str) -> Any:
        """The elements of a list column, laid end to end."""
        key = f"{name}[]"
        if key not in self._kept:
            self._kept[key] = self[name].flatten()
        return self._kept[key]

    def text(self, name: str) -> Any:
        """A column as sent, where it came as text that was read as a moment or a number."""
        return self[f"{name}__text"]

    def distinct(self, name: str) -> Any:
        """A text column as a dictionary array: for tests that cost much, on values that recur."""
        key = f"{name}{{}}"
        values = self[name]
        if key not in self._kept:
            self._kept[key] = pc.dictionary_encode(values)
        return self._kept[key]

    def on_distinct(self, name: str, test: Callable[[Any], Any]) -> Any:
        """A test of each distinct value of a text column, spread over all its values again; null where it is null."""
        encoded = self.distinct(name)
        return pc.take(test(encoded.dictionary), encoded.indices)

    def elements(self, name: str) -> tuple[pa.Array, pa.Array, pa.Array]:
        """The elements of a list column laid end to end; the row of each (for a list within a list: the element that holds
        it); and its index within that, from 0."""
        key = f"{name}#"
        if key not in self._kept:
            self._kept[key] = elements_of(self[name])
        found: tuple[pa.Array, pa.Array, pa.Array] = self._kept[key]
        return found

    def keep(self, key: str, make: Callable[[], Any]) -> Any:
        """What several rules reckon from the columns, made once; a key has a space or a dot where no column has one."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def is_flawed(self, name: str) -> Any:
        """The mask of records in which a column could not be read."""
        return self.flawed[name] if name in self.flawed else pa.repeat(False, len(self))

    def is_lost(self, name: str) -> Any | None:
        """The mask of records of which a mandatory text cannot be read by people; None where all can. Such a text is judged as
        missing: that it cannot be read is told by a rule of its own, and refuses the record."""
        rows = self.mended.unreadable.get(name)
        if rows is None or self.version not in by_name(self.object)[name].required:
            return None
        if self.profile.severities.get(f"{self.object}.{TEXT_READABLE}", Severity.ERROR) != Severity.ERROR:
            return None  # it refuses nothing, so that the others have their say
        mask = np.zeros(len(self), bool)
        mask[rows.to_numpy()] = True
        return pa.array(mask)

    def _readable(self, name: str, values: Any) -> Any:
        lost = self.is_lost(name)
        if lost is None:
            return values
        self._kept.pop(f"{name}{{}}", None)
        return pc.if_else(lost, None, values)

    def _meaningful(self, name: str, values: Any) -> Any:
        """Values of a list's elements with text that says nothing made null (the normaliser did so for the others)."""
        if not pa.types.is_string(values.type):
            return values
        if name.endswith(_TEXT):
            # Hardly any two moments are the same: look only if one of them could not be read.
            if not self[name.removesuffix(_TEXT)].null_count:
                return values
            return pc.if_else(pc.is_in(pc.utf8_trim_whitespace(values), value_set=_SAYS_NOTHING), None, values)
        encoded = pc.dictionary_encode(values)
        empty = pc.is_in(pc.utf8_trim_whitespace(encoded.dictionary), value_set=_SAYS_NOTHING)
        if not pc.any(empty).as_py():
            self._kept[f"{name}{{}}"] = encoded
            return values
        return pc.if_else(pc.fill_null(pc.take(empty, encoded.indices), False), None, values)


_TEXT = "__text"
_SAYS_NOTHING = pa.array(["", "#NA"])


def flaw_masks(flaws: pa.Table, count: int) -> dict[str, Any]:
    """By column, which of `count` records have a flaw in it."""
    masks: dict[str, Any] = {}
    for name in pc.unique(flaws["column"]).to_pylist():
        rows = flaws.filter(pc.equal(flaws["column"], name))["row"].to_numpy()
        mask = np.zeros(count, bool)
        mask[rows] = True
        masks[name] = pa.array(mask)
    return masks
