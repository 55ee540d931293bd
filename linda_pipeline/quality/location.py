"""Rules on a Location and its EVSEs that no subject module holds, and the one that a nightly pull cannot check.

Here: the operator's name, and how old a status may be. Not here: addresses, places and ids.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.quality.rule import Rule, Severity, Source, register, rule
from linda_pipeline.quality.view import View

OPERATOR_NAME_LONGEST = 100
_UNPRINTABLE = r"[\p{Cc}\p{Cs}\x{FFFD}]"


def operator_named(view: View) -> Any:
    """Printable, and at most 100 characters."""

    def is_name(texts: Any) -> Any:
        return pc.and_not(
            pc.less_equal(pc.utf8_length(texts), OPERATOR_NAME_LONGEST), pc.match_substring_regex(texts, _UNPRINTABLE)
        )

    return view.on_distinct("operator_name", is_name)


_OPERATOR: dict[str, Any] = {
    "reads": ("operator_name",),
    "nl": "De naam van de exploitant is te lang of bevat onleesbare tekens.",
    "en": "The name of the operator is too long or holds unreadable characters.",
    "fix_nl": "Schrijf de naam in hoogstens 100 gewone tekens, zonder regeleinden of tabs.",
    "fix_en": "Write the name in 100 ordinary characters at most, without line breaks or tabs.",
    "reading": "That the name is there at all is asked by operator_name_required; its length is asked here alone, since "
    "the profile makes it an error.",
    "good": ({"operator_name": "Súdwest Laden & Zn. B.V."}, {"operator_name": "É" * 100}),
    "bad": (
        {"operator_name": "E" * 101},
        {"operator_name": "Laden\nB.V."},
        {"operator_name": "Laden �B.V."},
    ),
}
rule(Severity.ERROR, object="location", source=Source("P", "Locations"), **_OPERATOR)(operator_named)
rule(Severity.ERROR, object="cdr", versions=("2.1.1",), source=Source("P", "Locations"), **_OPERATOR)(operator_named)

register(
    Rule(
        id="status_age",
        object="evse",
        severity=dict.fromkeys(VERSIONS, Severity.WARNING),
        reads=("status",),
        blames="status",
        nl="De status van het laadpunt is ouder dan 30 seconden.",
        en="The status of the EVSE is more than 30 seconds old.",
        fix_nl="Houd de status van uw laadpunten steeds bij; het profiel vraagt een status van hoogstens 30 seconden oud.",
        fix_en="Keep the status of your EVSEs up to date; the profile asks for a status that is 30 seconds old at most.",
        source=Source("P", "Locations, EVSE"),
        reading="Listed so that it is known: it is not checked.",
        not_run="The profile asks for a status that is 30 seconds old at most; a nightly pull cannot see that.",
        not_run_nl="Het profiel vraagt een status van hoogstens 30 seconden oud; dat is bij een levering per nacht niet te "
        "zien.",
    )
)
