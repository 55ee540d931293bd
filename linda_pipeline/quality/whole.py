"""Rules on a delivery as a whole: whether it is complete, its usual size, there at all, and which EVSEs are silent in it.

Here: the facts of a delivery and what they are asked. A finding has no id and no place; one line per fact found. Not here:
how the facts were counted (road).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.quality.profile import CURRENT, Profile, Severity
from linda_pipeline.quality.rule import RULES, Rule, Source, register


@dataclass(frozen=True)
class Delivered:
    """What is known of a delivery as a whole."""

    module: str
    """cdrs or locations."""
    version: str
    received: int
    complete: bool = True
    """Whether the CPO's own count (X-Total-Count) was reached, or a second crawl agreed with the first."""
    total_count: int | None = None
    records: int = 0
    """Records pulled, those outside the window included."""
    hidden: tuple[int, ...] = ()
    """Where in the CPO's list, from 0, the records stand that its server refuses even when each is asked for by itself."""
    earlier: tuple[int, ...] = ()
    """Records received in the earlier complete deliveries of this CPO and module, newest first."""
    silent: Sequence[str] | None = None
    """Live EVSEs without a session for as long as the profile allows; None where that cannot be told."""
    profile: Profile = field(default=CURRENT)


@dataclass(frozen=True)
class Unknown:
    """Why a rule on a delivery could not run."""

    en: str
    nl: str


Answer = Sequence[str] | Unknown
"""What was found, one text each; nothing: the rule is kept."""
_ASKED: dict[str, tuple[tuple[str, ...], Callable[[Delivered], Answer]]] = {}
_LEAST_EARLIER_SHARE = 0.5


def judge_whole(facts: Delivered) -> tuple[list[tuple[str, Severity, str]], list[dict[str, str]]]:
    """(rule, severity, value) of every finding on a delivery, and the rules that could not run, with why (en and nl)."""
    found: list[tuple[str, Severity, str]] = []
    not_run: list[dict[str, str]] = []
    severities = facts.profile.severities
    for rule_id, (modules, ask) in _ASKED.items():
        key = f"delivery.{rule_id}"
        rule = RULES[key]
        if facts.module not in modules or not rule.holds_in(facts.profile) or severities.get(key) == "off":
            continue
        answer = ask(facts)
        if isinstance(answer, Unknown):
            not_run.append({"rule": rule_id, "why": answer.en, "why_nl": answer.nl})
            continue
        severity = Severity(severities.get(key, rule.severity[facts.version]))
        found += [(rule_id, severity, value) for value in answer]
    return found, not_run


def _asked(
    severity: Severity,
    *,
    source: Source,
    texts: Mapping[str, str],
    good: tuple[Mapping[str, Any], ...],
    bad: tuple[Mapping[str, Any], ...],
    modules: tuple[str, ...] = ("cdrs", "locations"),
) -> Callable[[Callable[[Delivered], Answer]], Callable[[Delivered], Answer]]:
    def declare(ask: Callable[[Delivered], Answer]) -> Callable[[Delivered], Answer]:
        rule = Rule(
            id=ask.__name__,
            object="delivery",
            severity=dict.fromkeys(VERSIONS, severity),
            reads=(),
            blames="",
            source=source,
            good=good,
            bad=bad,
            opens_case=False,
            nl=texts["nl"],
            en=texts["en"],
            fix_nl=texts["fix_nl"],
            fix_en=texts["fix_en"],
            reading=texts["reading"],
        )
        register(rule)
        _ASKED[rule.id] = (modules, ask)
        return ask

    return declare


@_asked(
    Severity.ERROR,
    source=Source("O", "Transport and format, pagination"),
    texts={
        "nl": "De levering is niet volledig: wij kunnen niet aantonen dat alle records er zijn.",
        "en": "The delivery is not complete: we cannot prove that every record is there.",
        "fix_nl": "Zorg dat X-Total-Count klopt, dat de volgorde van uw lijst vast is en dat elke pagina naar de volgende "
        "wijst, ook als er records bijkomen.",
        "fix_en": "See to it that X-Total-Count is right, that your list keeps its order and that every page points to the "
        "next, also while records are added.",
        "reading": "Complete means: as many records as X-Total-Count says, or a second crawl that gave the same. The records "
        "that did come are judged and keep their own verdicts; the window is pulled again. No record is refused by this rule.",
    },
    good=({"complete": True, "records": 1000, "total_count": 1000}, {"complete": True, "total_count": None}),
    bad=(
        {"complete": False, "records": 998, "total_count": 1000},
        {"complete": False, "records": 998, "total_count": None},
    ),
)
def delivery_complete(facts: Delivered) -> Answer:
    if facts.complete:
        return []
    if facts.total_count is not None and facts.records < facts.total_count:
        return [f"{facts.records} < {facts.total_count}"]
    return [f"{facts.records} (X-Total-Count: {'–' if facts.total_count is None else facts.total_count})"]


@_asked(
    Severity.ERROR,
    source=Source("O", "Transport and format, pagination"),
    texts={
        "nl": "Uw server weigert een record dat in uw lijst staat, ook als wij het apart vragen.",
        "en": "Your server refuses a record that stands in your list, even when we ask for it by itself.",
        "fix_nl": "Vraag uw lijst met deze offset en limit=1, en herstel het record. Wij halen de levering opnieuw op.",
        "fix_en": "Ask your list with this offset and limit=1, and mend the record. We pull the delivery again.",
        "reading": "A page that is refused as a whole is asked in smaller pieces, down to single records, so that a bad one "
        "hides only itself. Found: its offset in the list, from 0. The delivery is then not complete.",
    },
    good=({"hidden": ()},),
    bad=({"hidden": (12,), "complete": False, "records": 25, "total_count": 26},),
)
def every_record_given(facts: Delivered) -> Answer:
    return [f"offset {offset}" for offset in facts.hidden]


@_asked(
    Severity.WARNING,
    source=Source("L", "plausibility: the usual size of a delivery"),
    texts={
        "nl": "Deze levering is veel kleiner of groter dan gewoonlijk.",
        "en": "This delivery is much smaller or larger than usual.",
        "fix_nl": "Controleer of alle laadpunten en sessies zijn meegeleverd, en niets dubbel.",
        "fix_en": "Check that all EVSEs and sessions were sent, and nothing twice.",
        "reading": "Below half or above twice the median of the last six complete deliveries; at least three must be there. "
        "A delivery without any record is told by delivery_late alone.",
    },
    good=(
        {"received": 50, "earlier": (90, 100, 110)},
        {"received": 200, "earlier": (90, 100, 110)},
        {"received": 0, "earlier": (90, 100, 110)},
    ),
    bad=({"received": 49, "earlier": (90, 100, 110)}, {"received": 201, "earlier": (90, 100, 110, 100, 90, 110, 5000)}),
)
def delivery_volume(facts: Delivered) -> Answer:
    limits = facts.profile.parameters
    earlier = facts.earlier[: limits.volume_windows]
    if len(earlier) < limits.volume_windows * _LEAST_EARLIER_SHARE:
        return Unknown(
            "There are too few earlier deliveries to know what is usual.",
            "Er zijn te weinig eerdere leveringen om te weten wat gewoon is.",
        )
    usual = median(earlier)
    if not facts.received or usual * limits.volume_least_share <= facts.received <= usual * limits.volume_most_share:
        return []
    return [f"{facts.received} (± {usual:g})"]


@_asked(
    Severity.WARNING,
    source=Source("L", "plausibility, after Qualicharge INAC; the profile wants the data complete"),
    modules=("cdrs",),
    texts={
        "nl": "Van dit laadpunt is al 30 dagen geen enkele sessie geleverd.",
        "en": "Not a single session of this EVSE was delivered for 30 days.",
        "fix_nl": "Controleer of het laadpunt werkt en of zijn sessies worden meegeleverd. Wordt het echt niet gebruikt, dan "
        "hoeft u niets te doen.",
        "fix_en": "Check that the EVSE works and that its sessions are sent. Where it is really not used, nothing needs to be "
        "done.",
        "reading": "Live: delivered with a status other than PLANNED or REMOVED, both at the beginning of the 30 days that end "
        "with this window and in the newest night within them. A session counts if it came with this delivery, whatever its "
        "verdict, or was accepted in an earlier window and ended in those days. One line per EVSE.",
    },
    good=({"silent": ()},),
    bad=({"silent": ("NL*ABC*E00421 (LOC-0042 / EVSE-0042-1)",)},),
)
def silent_charge_points(facts: Delivered) -> Answer:
    if facts.silent is None:
        return Unknown(
            "The Locations and CDRs of the last 30 days are not all known.",
            "De locaties en CDR's van de laatste 30 dagen zijn niet allemaal bekend.",
        )
    return list(facts.silent)


@_asked(
    Severity.WARNING,
    source=Source("V", "art. 6"),
    texts={
        "nl": "Voor deze periode is niets geleverd.",
        "en": "Nothing was delivered for this period.",
        "fix_nl": "Maak de gegevens beschikbaar: Locations elke nacht, CDR's elke twee weken.",
        "fix_en": "Make the data available: Locations every night, CDRs every two weeks.",
        "reading": "The endpoint answered, and had no record in the period. A period in which it did not answer at all has no "
        "delivery to be judged: it is told to the operator and lowers the coverage.",
    },
    good=({"received": 1},),
    bad=({"received": 0},),
)
def delivery_late(facts: Delivered) -> Answer:
    return [] if facts.received else ["0"]
