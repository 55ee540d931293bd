"""Found values as a finding shows them, made for whole columns at once.

Here: numbers with few decimals, a hint behind a value, and what a value should be. Not here: masking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def decimal(values: Any, places: int = 1) -> Any:
    """Numbers as text, rounded to so many decimals."""
    return pc.cast(pc.round(pa.array(values), ndigits=places), pa.string())


def hinted(texts: Any, *hints: tuple[Any, str]) -> Any:
    """Texts with the first hint behind them whose mask is true, such as `12500.0 kWh (Wh?)`."""
    cases = pc.case_when(pc.make_struct(*(mask for mask, _ in hints)), *(hint for _, hint in hints))
    return pc.coalesce(
        pc.binary_join_element_wise(texts, pc.binary_join_element_wise("(", cases, "?)", ""), " "), texts
    )


def sent_and_mended(sent: Any, mend: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """For the broken rows of a column: what was sent, and behind an arrow what it should be where there is only one."""

    def shown(rows: Any) -> Any:
        texts = pc.take(sent, pa.array(np.asarray(rows)))
        return pc.coalesce(pc.binary_join_element_wise(texts, mend(texts), " → "), texts)

    return shown
