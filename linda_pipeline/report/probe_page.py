"""The outcome of a connection test as a page (ketentest.html, probe.html) and as JSON (probe.json).

Here: what stands in them. Not here: the test itself (ocpi.probing), the words (probe_words.py) and the mark-up (templates/).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linda_pipeline.ocpi.probing import Line, Outcome, Probe, Told
from linda_pipeline.ocpi.probing.requirement import GROUPS
from linda_pipeline.quality.sample import SampleVerdict
from linda_pipeline.report.messages import stem
from linda_pipeline.report.probe_words import PROBE_LANGUAGES, DutchProbe, EnglishProbe, ProbeWords
from linda_pipeline.report.templating import template

_RULES_NAMED = 5


@dataclass(frozen=True)
class ProbeLine:
    """A line as a page shows it, in one language."""

    id: str
    group: str
    module: str
    outcome: str
    demand: str
    seen: str
    fix: str
    source: str


def in_words(line: Line, words: ProbeWords) -> ProbeLine:
    """A line in a language."""
    requirement, code = line.requirement, words.code
    return ProbeLine(
        id=line.id,
        group=requirement.group,
        module=words.modules[line.module] if line.module else "",
        outcome=line.outcome.value,
        demand=getattr(requirement, code),
        seen=getattr(line.seen, code),
        fix=getattr(requirement, f"fix_{code}"),
        source=requirement.source,
    )


def with_sample(probe: Probe, module: str, verdict: SampleVerdict) -> Probe:
    """The test with the line of a module's sample filled in."""
    outcome = Outcome.FAILED if verdict.refused else Outcome.PASSED
    return probe.with_outcome("sample_accepted", module, outcome, sample_seen(module, verdict))


def sample_seen(module: str, verdict: SampleVerdict) -> Told:
    """What became of a sample, with the rules that refuse most."""
    texts = []
    for words in (DutchProbe(), EnglishProbe()):
        sentences = [words.sample(verdict.records, verdict.refused, module)]
        for broken in verdict.broken[:_RULES_NAMED]:
            sentence = stem(str(getattr(broken.rule, words.code)))
            sentences.append(words.broken(broken.records, sentence, broken.path, broken.rule.id) + ".")
        texts.append("\n".join(sentences))
    return Told(*texts)


def probe_html(probe: Probe, words: ProbeWords) -> str:
    """The whole page in one language."""
    lines = [in_words(line, words) for line in probe.lines]
    passed, failed, untested = (
        len(probe.having(outcome)) for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.NOT_TESTABLE)
    )
    return template("probe.html").render(
        w=words,
        probe=probe,
        advice=advice(probe, words),
        mood="bad" if failed else "calm" if untested else "good",
        result=words.result(passed, failed, untested),
        failed=[line for line in lines if line.outcome == Outcome.FAILED],
        untested=[line for line in lines if line.outcome == Outcome.NOT_TESTABLE],
        passed=[(group, met) for group in GROUPS if (met := _of(lines, group))],
    )


def _of(lines: list[ProbeLine], group: str) -> list[ProbeLine]:
    return [line for line in lines if line.group == group and line.outcome == Outcome.PASSED]


def advice(probe: Probe, words: ProbeWords) -> str:
    """What the CPO does now."""
    if not probe.reached:
        return words.unreachable
    if probe.having(Outcome.FAILED):
        return words.again
    return words.partly if probe.having(Outcome.NOT_TESTABLE) else words.admitted


def probe_json(probe: Probe) -> dict[str, Any]:
    """The test for machines. Holds no record."""
    return {
        "versions_url": probe.versions_url,
        "ocpi_version": probe.ocpi_version,
        "asked_at": probe.asked_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "endpoints": dict(probe.endpoints),
        "parties": list(probe.parties),
        "sampled": {module: len(records) for module, records in probe.samples.items()},
        "counts": {outcome.value: len(probe.having(outcome)) for outcome in Outcome},
        "requests": probe.requests,
        "duration_s": round(probe.duration_s, 3),
        "lines": [
            {
                "id": line.id,
                "requirement": line.requirement.id,
                "module": line.module,
                "group": line.requirement.group,
                "outcome": line.outcome.value,
                "demand_nl": line.requirement.nl,
                "demand_en": line.requirement.en,
                "seen_nl": line.seen.nl,
                "seen_en": line.seen.en,
                "fix_nl": line.requirement.fix_nl,
                "fix_en": line.requirement.fix_en,
                "source": line.requirement.source,
            }
            for line in probe.lines
        ],
    }


def write_probe(probe: Probe, folder: Path) -> list[Path]:
    """Write ketentest.html, probe.html and probe.json into a folder; says what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for words in PROBE_LANGUAGES:
        written.append(folder / words.probe_file)
        written[-1].write_text(probe_html(probe, words), encoding="utf-8")
    written.append(folder / "probe.json")
    written[-1].write_text(json.dumps(probe_json(probe), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return written
