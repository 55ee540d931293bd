"""The figures of a report: per rule how many findings and records, a few examples, and why records were held back.

Here: one pass over the findings at flat memory. Not here: sentences and pictures; another language, a trend or a
comparison of deliveries is made from these figures without reading the findings again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.calendar import local_date
from linda_pipeline.ledger.entry import Counts, Judgement, read_judgement
from linda_pipeline.quality.rule import Rule, Severity
from linda_pipeline.report.record_batches import FINDING_COLUMNS, batches, evse_index, place, whole_records
from linda_pipeline.storage.lake import Delivery, Lake

MAX_EXAMPLES = 50
BATCH_ROWS = 1 << 16
OBJECTS = {"cdrs": ("cdr", "delivery"), "locations": ("location", "evse", "delivery")}
"""What the rules of a module judge."""
_COUNTED_AS = {"cdr": "cdrs", "location": "locations", "evse": "evses"}
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_RECORD = ["object", "page", "position", "evse", "id"]


@dataclass(frozen=True)
class ShownFinding:
    """One finding, as it is shown."""

    id: str | None
    path: str | None
    value: str | None
    page: int | None
    position: int | None


@dataclass
class RuleFindings:
    """What one rule found at one severity."""

    object: str
    rule: str
    severity: Severity
    findings: int = 0
    records: int = 0
    """Records with at least one finding of this rule."""
    alone: int = 0
    """Rejected records without an error of any other rule: they are fine once this one is mended."""
    examples: list[ShownFinding] = field(default_factory=list)
    """The first records that show it, one finding each, in order of receipt."""

    @property
    def key(self) -> str:
        """The key of its rule in the register of rules."""
        return f"{self.object}.{self.rule}"


@dataclass(frozen=True)
class Unchecked:
    """A rule that was not checked, or only on some records."""

    key: str
    """object.rule; the id alone where the register does not know the rule."""
    why_nl: str
    why_en: str
    checked: int = 0
    """Records on which it was checked."""
    records: int = 0
    """Of so many; 0 where it is not counted by record."""


@dataclass(frozen=True)
class ReportFigures:
    """Everything that a report tells, without words."""

    judgement: Judgement
    cpo_name: str
    defects: tuple[RuleFindings, ...]
    """Errors first, then warnings and information; within them what concerns most records first."""
    held: Mapping[tuple[str, str], int]
    """Records held back by object and reason."""
    passed: tuple[str, ...]
    """The keys of the rules that were checked on every record and found nothing."""
    not_run: tuple[Unchecked, ...]
    """The rules that were not checked, or not on every record, in order of their id."""

    def of(self, severity: Severity) -> list[RuleFindings]:
        """The defects of one severity, the most frequent first."""
        return [defect for defect in self.defects if defect.severity is severity]

    def unchecked(self, key: str) -> Unchecked | None:
        """On how many records a rule was checked, where that is not all of them."""
        return next((rule for rule in self.not_run if rule.key == key), None)

    def received(self, object_name: str) -> Counts | None:
        """The counts of the records that a rule on an object judges; None for rules on the delivery as a whole."""
        return self.judgement.counts.get(_COUNTED_AS.get(object_name, ""))


def read_figures(lake: Lake, delivery: Delivery, *, cpo_name: str, rules: Mapping[str, Rule]) -> ReportFigures:
    """The figures of a judged delivery. Raises NotJudged."""
    judgement = read_judgement(lake, delivery)
    defects = _defects(lake, delivery)
    with_findings = {finding.key for finding in defects}
    not_run = _not_run(judgement, rules)
    silent = with_findings | {unchecked.key for unchecked in not_run}
    passed = [
        key
        for key, rule in sorted(rules.items())
        if rule.object in OBJECTS[delivery.module]
        and rule.applies_to(judgement.ocpi_version)
        and rule.holds_on(local_date(judgement.pulled_at))
        and key not in silent
    ]
    held: dict[tuple[str, str], int] = {}
    for table in batches(lake.table("held", delivery), ("object", "reason"), BATCH_ROWS):
        counted = table.group_by(["object", "reason"]).aggregate([([], "count_all")])
        for row in counted.to_pylist():
            key = (row["object"], row["reason"])
            held[key] = held.get(key, 0) + row["count_all"]
    return ReportFigures(judgement, cpo_name, tuple(defects), dict(sorted(held.items())), tuple(passed), not_run)


def _not_run(judgement: Judgement, rules: Mapping[str, Rule]) -> tuple[Unchecked, ...]:
    """What the judge says that it did not check, and on how many records it checked the rest of what it joins on."""
    unchecked: dict[str, Unchecked] = {}
    for entry in judgement.rules_not_run:
        key = _key_of(entry["rule"], judgement.delivery.module, rules)
        rule, why = rules.get(key), entry["why"]
        dutch = entry.get("why_nl") or (rule.not_run_nl if rule is not None and why == rule.not_run else "") or why
        unchecked[key] = Unchecked(key, dutch, why)
    for key, (checked, records) in judgement.checked_on.items():
        if checked < records and key not in unchecked:
            unchecked[key] = Unchecked(key, "", "", checked, records)
    return tuple(unchecked[key] for key in sorted(unchecked, key=lambda key: (key.rpartition(".")[2], key)))


def _key_of(rule_id: str, module: str, rules: Mapping[str, Rule]) -> str:
    """The key of a rule that is named by its id, or by its key already."""
    keys = (rule_id, *(f"{object_name}.{rule_id}" for object_name in OBJECTS[module]))
    return next((key for key in keys if key in rules), rule_id)


def _defects(lake: Lake, delivery: Delivery) -> list[RuleFindings]:
    counted: dict[tuple[str, str, str], RuleFindings] = {}
    for table in whole_records(batches(lake.table("findings", delivery), FINDING_COLUMNS, BATCH_ROWS)):
        _add(counted, table)
    return sorted(counted.values(), key=lambda d: (_RANK[d.severity], -d.records, d.object, d.rule))


def _add(counted: dict[tuple[str, str, str], RuleFindings], table: pa.Table) -> None:
    """Add a batch of whole records. Loops over rules only."""
    table = table.append_column("evse", evse_index(table.column("object"), table.column("path")))
    table = table.append_column("row", pa.array(np.arange(table.num_rows)))
    of_rule = ["rule", "severity", *_RECORD]
    once = table.group_by(of_rule, use_threads=False).aggregate([("row", "min"), ([], "count_all")]).sort_by("row_min")
    once = once.append_column("alone", _alone(once))
    totals = once.group_by(["object", "rule", "severity"], use_threads=False).aggregate(
        [("count_all", "sum"), ([], "count_all"), ("alone", "sum")]
    )
    for row in totals.to_pylist():
        key = (row["object"], row["rule"], row["severity"])
        defect = counted.setdefault(key, RuleFindings(key[0], key[1], Severity(key[2])))
        defect.findings += row["count_all_sum"]
        defect.records += row["count_all"]
        defect.alone += row["alone_sum"] or 0
        wanted = MAX_EXAMPLES - len(defect.examples)
        if wanted > 0:
            same = pc.and_(
                pc.and_(pc.equal(once["object"], key[0]), pc.equal(once["rule"], key[1])),
                pc.equal(once["severity"], key[2]),
            )
            rows = once.filter(same)["row_min"].slice(0, wanted)
            shown = table.select(["id", "path", "value", "page", "position"]).take(rows)
            defect.examples += [ShownFinding(**example) for example in shown.to_pylist()]


def _alone(once: pa.Table) -> pa.Array:
    """Per rule and record: 1 where the rule gives the only error that rejects it, else 0. An EVSE falls with its Location."""
    table = once.select(["severity", *_RECORD, "row_min"])
    errors = table.filter(pc.equal(table["severity"], "error"))
    per_record = errors.group_by(_RECORD, use_threads=False).aggregate([([], "count_all"), ("row_min", "min")])
    of_location = place(errors.filter(pc.equal(errors["object"], "location")))
    free = pc.invert(pc.and_(pc.equal(per_record["object"], "evse"), pa.array(np.isin(place(per_record), of_location))))
    single = per_record.filter(pc.and_(pc.equal(per_record["count_all"], 1), free))["row_min_min"]
    is_error = pc.equal(once["severity"], "error")
    return pc.and_(is_error, pc.is_in(once["row_min"], value_set=single)).cast(pa.int64())
