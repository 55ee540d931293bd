"""Rules on a delivery as a whole: whether it is complete, its usual size, there at all, and which EVSEs are silent in it.

Here: the demands and their evaluators. A finding has no id and no place; one line per fact found. Not here: the facts
(delivered.py), and how they were counted (judging).
"""

from __future__ import annotations

from datetime import date
from statistics import median

from linda_pipeline.quality.delivered import Delivered, found
from linda_pipeline.quality.rule import NotRun, Part, Scope, Severity, Source, rule

_LEAST_EARLIER_SHARE = 0.5


@rule(
    Severity.ERROR,
    object="delivery",
    scope=Scope.WHOLE,
    source=Source("O", "Transport and format, pagination"),
    nl="De levering is niet volledig: wij kunnen niet aantonen dat alle records er zijn.",
    en="The delivery is not complete: we cannot prove that every record is there.",
    fix_nl="Zorg dat X-Total-Count klopt, dat de volgorde van uw lijst vast is en dat elke pagina naar de volgende "
    "wijst, ook als er records bijkomen.",
    fix_en="See to it that X-Total-Count is right, that your list keeps its order and that every page points to the "
    "next, also while records are added.",
    reading="Complete means: as many records as X-Total-Count says, or a second crawl that gave the same. The records "
    "that did come are judged and keep their own verdicts; the window is pulled again. No record is refused by this rule.",
    good=({"complete": True, "records": 1000, "total_count": 1000}, {"complete": True, "total_count": None}),
    bad=(
        {"complete": False, "records": 998, "total_count": 1000},
        {"complete": False, "records": 998, "total_count": None},
    ),
)
def delivery_complete(facts: Delivered) -> Part | NotRun:
    if facts.complete:
        return found()
    if facts.total_count is not None and facts.records < facts.total_count:
        return found(f"{facts.records} < {facts.total_count}")
    return found(f"{facts.records} (X-Total-Count: {'–' if facts.total_count is None else facts.total_count})")


@rule(
    Severity.ERROR,
    object="delivery",
    scope=Scope.WHOLE,
    source=Source("O", "Transport and format, pagination"),
    nl="Uw server weigert een record dat in uw lijst staat, ook als wij het apart vragen.",
    en="Your server refuses a record that stands in your list, even when we ask for it by itself.",
    fix_nl="Vraag uw lijst met deze offset en limit=1, en herstel het record. Wij halen de levering opnieuw op.",
    fix_en="Ask your list with this offset and limit=1, and mend the record. We pull the delivery again.",
    reading="A page that is refused as a whole is asked in smaller pieces, down to single records, so that a bad one "
    "hides only itself. Found: its offset in the list, from 0. The delivery is then not complete.",
    good=({"hidden": ()},),
    bad=({"hidden": (12,), "complete": False, "records": 25, "total_count": 26},),
)
def every_record_given(facts: Delivered) -> Part | NotRun:
    return found(*(f"offset {offset}" for offset in facts.hidden))


@rule(
    Severity.WARNING,
    object="delivery",
    scope=Scope.WHOLE,
    source=Source("L", "plausibility: the usual size of a delivery"),
    nl="Deze levering is veel kleiner of groter dan gewoonlijk.",
    en="This delivery is much smaller or larger than usual.",
    fix_nl="Controleer of alle laadpunten en sessies zijn meegeleverd, en niets dubbel.",
    fix_en="Check that all EVSEs and sessions were sent, and nothing twice.",
    reading="Below half or above twice the median of the last six complete deliveries; at least three must be there. "
    "A delivery without any record is told by delivery_late alone.",
    good=(
        {"received": 50, "earlier": (90, 100, 110)},
        {"received": 200, "earlier": (90, 100, 110)},
        {"received": 0, "earlier": (90, 100, 110)},
    ),
    bad=({"received": 49, "earlier": (90, 100, 110)}, {"received": 201, "earlier": (90, 100, 110, 100, 90, 110, 5000)}),
)
def delivery_volume(facts: Delivered) -> Part | NotRun:
    limits = facts.profile.parameters
    earlier = facts.earlier[: limits.volume_windows]
    if len(earlier) < limits.volume_windows * _LEAST_EARLIER_SHARE:
        return NotRun(
            "There are too few earlier deliveries to know what is usual.",
            "Er zijn te weinig eerdere leveringen om te weten wat gewoon is.",
        )
    usual = median(earlier)
    if not facts.received or usual * limits.volume_least_share <= facts.received <= usual * limits.volume_most_share:
        return found()
    return found(f"{facts.received} (± {usual:g})")


@rule(
    Severity.WARNING,
    object="delivery",
    scope=Scope.WHOLE,
    modules=("cdrs",),
    source=Source("L", "plausibility, after Qualicharge INAC; the profile wants the data complete"),
    nl="Van dit laadpunt is al 30 dagen geen enkele sessie geleverd.",
    en="Not a single session of this EVSE was delivered for 30 days.",
    fix_nl="Controleer of het laadpunt werkt en of zijn sessies worden meegeleverd. Wordt het echt niet gebruikt, dan "
    "hoeft u niets te doen.",
    fix_en="Check that the EVSE works and that its sessions are sent. Where it is really not used, nothing needs to be "
    "done.",
    reading="Live: delivered with a status other than PLANNED or REMOVED, both at the beginning of the 30 days that end "
    "with this window and in the newest night within them. A session counts if it came with this delivery, whatever its "
    "verdict, or was accepted in an earlier window and ended in those days. One line per EVSE.",
    good=({"silent": ()},),
    bad=({"silent": ("NL*ABC*E00421 (LOC-0042 / EVSE-0042-1)",)},),
)
def silent_charge_points(facts: Delivered) -> Part | NotRun:
    if facts.silent is None:
        return NotRun(
            "The Locations and CDRs of the last 30 days are not all known.",
            "De laadlocaties en CDR's van de laatste 30 dagen zijn niet allemaal bekend.",
        )
    return found(*facts.silent)


@rule(
    Severity.WARNING,
    object="delivery",
    scope=Scope.WHOLE,
    modules=("cdrs",),
    source=Source("L", "plausibility: a meter's reading in place of a session's energy"),
    nl="De energie van de sessies op dit laadpunt loopt alleen maar op: dit lijkt de stand van de meter.",
    en="The energy of this EVSE's sessions only ever grows: this looks like the reading of the meter.",
    fix_nl="Lever in total_energy de energie van de sessie zelf: de meterstand aan het eind min die aan het begin.",
    fix_en="Send the energy of the session itself in total_energy: the meter's reading at its end less that at its start.",
    reading="Of each EVSE with ten sessions or more in the delivery, in the order of their starts; by chance this happens once "
    "in 3.6 million EVSEs. One line per EVSE.",
    good=({"growing": ()},),
    bad=({"growing": ("LOC-0042/EVSE-0042-1",)},),
    valid_from=date(2026, 11, 1),
)
def energy_is_session_only(facts: Delivered) -> Part | NotRun:
    if facts.growing is None:
        return NotRun("The sessions of the delivery are not known.", "De sessies van de levering zijn niet bekend.")
    return found(*facts.growing)


@rule(
    Severity.WARNING,
    object="delivery",
    scope=Scope.WHOLE,
    source=Source("V", "art. 6"),
    nl="Voor deze periode is niets geleverd.",
    en="Nothing was delivered for this period.",
    fix_nl="Maak de gegevens beschikbaar: Locations elke nacht, CDR's elke twee weken.",
    fix_en="Make the data available: Locations every night, CDRs every two weeks.",
    reading="The endpoint answered, and had no record in the period. A period in which it did not answer at all has no "
    "delivery to be judged: it is told to the operator and lowers the coverage.",
    good=({"received": 1},),
    bad=({"received": 0},),
)
def delivery_late(facts: Delivered) -> Part | NotRun:
    return found() if facts.received else found("0")
