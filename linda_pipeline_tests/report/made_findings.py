"""Findings that are made up from a seed: deliveries to report on, of any size, with rules of their own.

Here: the judgement, findings, rejected and held records of such a delivery. Not here: real records and the judge; and the way
into the lake (deliveries.py).
"""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from linda_pipeline.ledger.entry import Counts
from linda_pipeline.ledger.tables import FINDINGS, HELD, REJECTED
from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.quality.rule import Rule, Severity, Source
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import judgement_of, put_judged

PULLED_AT = datetime(2026, 11, 23, 2, 2, 11, tzinfo=UTC)
_TEXTS = (
    ("postal_code_format", "error", "postal_code", "cdr_location.postal_code", "3511AB"),
    ("total_time_matches", "error", "total_time_h", "total_time", "2.75"),
    ("start_before_end", "error", "start_date_time", "start_date_time", "2026-11-10T11:00:00Z"),
    ("evse_id_format", "error", "evse_id", "cdr_location.evse_id", "NLABCE00421-1"),
    ("total_parking_time_required", "error", "total_parking_time_h", "total_parking_time", None),
    ("contract_id_format", "warning", "contract_id", "cdr_token.contract_id", "NL… (18)"),
    ("power_plausible", "warning", "total_energy_kwh", "total_energy", "812.4"),
    ("cost_zero_unknown", "info", "total_cost_excl_vat", "total_cost.excl_vat", "0.0"),
    ("currency_unknown_value", "error", "currency", "currency", '=HYPERLINK("http://evil.example")'),
)
_SENTENCES = {
    "postal_code_format": (
        "De postcode staat niet in de vorm 1111 AA.",
        "The postal code is not in the form 1111 AA.",
        "Zet een spatie tussen cijfers en letters.",
        "Put a space between digits and letters.",
    ),
    "total_time_matches": (
        "De totale tijd is niet gelijk aan het einde min het begin van de sessie.",
        "The total time differs from end minus start of the session.",
        "Bereken total_time opnieuw uit begin en einde, in uren.",
        "Work out total_time again from start and end, in hours.",
    ),
    "start_before_end": (
        "Het begin van de sessie ligt niet voor het einde.",
        "The start of the session is not before its end.",
        "Controleer de tijden in uw bronsysteem, ook de tijdzone (UTC).",
        "Check the times in your source system, and their time zone (UTC).",
    ),
}


def made_rules(extra: int = 0) -> dict[str, Rule]:
    """Rules of the tests' own: those of the fixtures, and more that nothing breaks."""
    rules = {}
    entries = [*_TEXTS, *((f"made_rule_{number}", "error", "address", "", None) for number in range(extra))]
    for object_name in ("cdr", "location", "evse"):
        for name, severity, column, _, _ in entries:
            nl, en, fix_nl, fix_en = _SENTENCES.get(
                name,
                (
                    f"Dit veld voldoet niet aan de regel {name}.",
                    f"This field does not meet the rule {name}.",
                    "Vul dit veld zoals het profiel het vraagt.",
                    "Fill this field as the profile asks.",
                ),
            )
            rules[f"{object_name}.{name}"] = Rule(
                id=name,
                object=object_name,
                severity=dict.fromkeys(VERSIONS, Severity(severity)),
                reads=(),
                blames=column,
                nl=nl,
                en=en,
                fix_nl=fix_nl,
                fix_en=fix_en,
                source=Source("P", "CDRs"),
            )
    return rules


class Made:
    """A delivery in the making: add records and findings, then write it."""

    def __init__(self, lake: Lake, module: str = "cdrs", *, window: date = date(2026, 11, 9)) -> None:
        self.lake = lake
        self.delivery = Delivery(module, "NL-ABC", window)
        self.findings: list[dict[str, Any]] = []
        self.rejected: list[dict[str, Any]] = []
        self.held: list[dict[str, Any]] = []
        self.counts: dict[str, dict[str, int]] = {}
        self.rules_not_run: list[dict[str, str]] = []
        self.more: dict[str, Any] = {}
        """What of the judgement is otherwise than usual."""
        self.complete = True

    def count(self, name: str, received: int, *, identical: int = 0, held_back: int = 0, rejected: int = 0) -> None:
        """Set the counts of one object."""
        self.counts[name] = {
            "received": received,
            "accepted": received - identical - held_back - rejected,
            "rejected": rejected,
            "identical": identical,
            "held_back": held_back,
        }

    def find(
        self, rule: str, severity: str, record: str | None, page: int | None, position: int | None, **more: Any
    ) -> None:
        """Add a finding."""
        self.findings.append(
            {
                "object": "cdr",
                "id": record,
                "rule": rule,
                "severity": severity,
                "page": page,
                "position": position,
                **more,
            }
        )

    def reject(self, record: str, page: int, position: int, raw: str, **more: Any) -> None:
        """Add a rejected record."""
        self.rejected.append(
            {"object": "cdr", "id": record, "page": page, "position": position, "record": raw, "rules": [], **more}
        )

    def write(self) -> Delivery:
        """Write everything into the lake as the judge does, and say which delivery it is."""
        self.findings.sort(
            key=lambda one: (
                one["page"] is None,
                one["page"] or 0,
                one["position"] or 0,
                one["object"],
                one.get("path") or "",
                one["rule"],
            )
        )
        usual = {
            "complete": self.complete,
            "counts": {kind: Counts(**counts) for kind, counts in self.counts.items()},
            "rules_not_run": self.rules_not_run,
            "raw_bytes": 123456,
            "opens_case": any(counts["rejected"] for counts in self.counts.values()),
        }
        judgement = judgement_of(self.delivery, PULLED_AT, **{**usual, **self.more})
        schemas = {"findings": FINDINGS, "rejected": REJECTED, "held": HELD}
        tables = {name: pa.Table.from_pylist(getattr(self, name), schema=schema) for name, schema in schemas.items()}
        return put_judged(self.lake, judgement, **tables).delivery


def made_cdrs(root: Path, received: int, rejected: int, *, seed: int = 1) -> Made:
    """A delivery of CDRs with defects of every kind; not written yet."""
    pick = random.Random(seed)
    made = Made(Lake(root))
    errors = [entry for entry in _TEXTS if entry[1] == "error"]
    weights = [60, 25, 8, 4, 2, 1][: len(errors)]
    for number in range(rejected):
        page, position = number // 100 + 1, number % 100
        record = f"CDR-2026-{number:06d}"
        chosen = {pick.choices(errors, weights)[0] for _ in range(pick.choice((1, 1, 1, 2)))}
        for rule, severity, _, path, value in sorted(chosen):
            made.find(rule, severity, record, page, position, path=path, value=value)
        made.reject(record, page, position, json.dumps({"id": record, "remark": 'a "quoted" word', "total_time": 2.75}))
    for number in range(rejected, min(received, rejected + rejected // 2)):
        for rule, severity, _, path, value in _TEXTS:
            if severity != "error" and pick.random() < 0.6:
                made.find(
                    rule, severity, f"CDR-2026-{number:06d}", number // 100 + 1, number % 100, path=path, value=value
                )
    held = min(40, (received - rejected) // 10)
    identical = min(31, (received - rejected) // 10)
    for number in range(held):
        reason = "reservation_only" if number % 10 == 9 else "no_permission"
        made.held.append({"object": "cdr", "id": f"H-{number}", "reason": reason, "page": 900, "position": number})
    made.count("cdrs", received, rejected=rejected, held_back=held, identical=identical)
    return made


def made_locations(root: Path) -> Made:
    """A night of Locations: one rejected whole, three EVSEs rejected alone; not written yet."""
    made = Made(Lake(root), "locations", window=date(2026, 11, 23))
    whole = {"object": "location", "path": "postal_code", "value": "3511ab"}
    made.find("postal_code_format", "error", "LOC-1", 1, 0, **whole)
    made.find("evse_id_format", "error", "E-1", 1, 0, object="evse", path="evses[0].evse_id", value="NLABCE00421")
    made.reject("LOC-1", 1, 0, '{"id":"LOC-1",\n "evses":[{"uid":"E-1"}]}', object="location", location_id="LOC-1")
    made.reject("E-1", 1, 0, '{"uid":"E-1"}', object="evse", location_id="LOC-1", evse_uid="E-1", index=0)
    for number, index in ((4, 0), (4, 2), (9, 11)):
        uid = f"E-{number}-{index}"
        made.find("evse_id_format", "error", uid, 1, number, object="evse", path=f"evses[{index}].evse_id", value="#NA")
        made.reject(
            uid, 1, number, f'{{"uid":"{uid}"}}', object="evse", location_id=f"LOC-{number}", evse_uid=uid, index=index
        )
    made.find("power_plausible", "warning", "LOC-4", 1, 4, object="location", path="address", value="De Hoek 12")
    made.count("locations", 1234, rejected=1)
    made.count("evses", 3456, rejected=5)
    return made
