"""The sentences of findings, for whole columns at once: a rule's own sentence with what was found, and its remedy.

Here: the join of findings with their rules, and texts as JSON. Not here: the sentences themselves (each stands with its
rule) and the pages (report_html.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.quality.rule import Rule
from linda_pipeline.quality.signs import with_names

MESSAGE_COLUMNS = ("message_nl", "message_en", "fix_nl", "fix_en")
_FOUND = {"message_nl": "gevonden", "message_en": "found"}
_LONGEST_FOUND = 200
"""Characters of a found value that a message repeats; the column `value` has all of it."""


class Messages:
    """The sentences of all rules, ready to be looked up by whole columns."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        keys = sorted(rules)
        self._keys = pa.array(keys, pa.string())
        self._texts = {
            "message_nl": pa.array([stem(rules[key].nl) for key in keys], pa.string()),
            "message_en": pa.array([stem(rules[key].en) for key in keys], pa.string()),
            "fix_nl": pa.array([rules[key].fix_nl for key in keys], pa.string()),
            "fix_en": pa.array([rules[key].fix_en for key in keys], pa.string()),
        }

    def of(self, objects: Any, rules: Any, values: Any) -> dict[str, Any]:
        """MESSAGE_COLUMNS for findings of these objects, rules and values. An unknown rule is told by its id."""
        index = pc.index_in(pc.binary_join_element_wise(objects, rules, "."), value_set=self._keys)
        start = pc.utf8_slice_codeunits(values, 0, _LONGEST_FOUND)
        is_long = pc.greater(pc.utf8_length(values), _LONGEST_FOUND)
        repeated = pc.if_else(is_long, pc.binary_join_element_wise(start, "…", ""), start)
        columns = {}
        for name in MESSAGE_COLUMNS:
            text = self._texts[name].take(index)
            if name in _FOUND:
                text = pc.coalesce(text, rules)
                seen = with_names(repeated, name[-2:])
                with_value = pc.binary_join_element_wise(text, f" ({_FOUND[name]}: ", seen, ").", "")
                text = pc.coalesce(with_value, pc.binary_join_element_wise(text, ".", ""))
            columns[name] = pc.fill_null(text, "")
        return columns


def stem(sentence: str) -> str:
    """A sentence without its full stop, so that what was found fits before it."""
    return sentence.rstrip().removesuffix(".")


def json_text(texts: Any) -> Any:
    """Texts as JSON strings; null stays null."""
    escaped = pc.replace_substring(pc.replace_substring(texts, "\\", "\\\\"), '"', '\\"')
    if pc.any(pc.match_substring_regex(escaped, "[\\x00-\\x1f]")).as_py():
        for code in range(32):
            escaped = pc.replace_substring(escaped, chr(code), f"\\u{code:04x}")
    return pc.binary_join_element_wise('"', escaped, '"', "")
