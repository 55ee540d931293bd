"""Whether a register belongs to a lake: its CPOs delivered what lies there.

Here: the CPOs of a lake that a register does not name, and what to say of it. Not here: the register itself (cpos.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from linda_pipeline.errors import InputMistake
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import MODULES, Lake


class OtherRegister(InputMistake):
    """The register names none of the CPOs whose deliveries lie in the lake: nothing may be judged or published by it."""


def strangers(lake: Lake, register: Mapping[str, Cpo]) -> list[str]:
    """The CPOs of a lake that the register does not name."""
    return sorted(_cpos(lake) - register.keys())


def of_strangers(lake: Lake, register: Mapping[str, Cpo]) -> str | None:
    """What to say of a lake that holds deliveries of CPOs which the register does not name; None: it does not."""
    unknown = strangers(lake, register)
    if not unknown:
        return None
    return (
        f"Not in the register, but in the lake {lake.root}: {', '.join(unknown)}. What they delivered stays as it is. Is "
        "LINDA_CPOS the register of this lake? A CPO that has left keeps its block, with active = false."
    )


def check_register(lake: Lake, register: Mapping[str, Cpo]) -> None:
    """Raises OtherRegister where the register names none of a lake's CPOs: coverage and names would all be wrong."""
    unknown = strangers(lake, register)
    if unknown and not _cpos(lake) & register.keys():
        raise OtherRegister(
            f"The lake {lake.root} holds deliveries of {', '.join(unknown)}, and the register names none of them: it belongs "
            "to another lake. Set LINDA_CPOS to the register of this lake, or LINDA_LAKE to another folder. A CPO that has "
            "left keeps its block, with active = false."
        )


def _cpos(lake: Lake) -> set[str]:
    return {delivery.cpo for module in MODULES for delivery in lake.judged(module)}
