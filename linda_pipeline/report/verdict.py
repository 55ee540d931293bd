"""What a CPO reads first: the verdict on its delivery, what to do now, and how to deliver again.

Here: which of the language's sentences holds for a delivery. Not here: the sentences (words_*.py) and the page
(report_html.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from linda_pipeline.calendar import window_of
from linda_pipeline.ocpi.columns import by_name
from linda_pipeline.quality.rule import Severity
from linda_pipeline.report.explained import Words
from linda_pipeline.report.figures import ReportFigures


def verdict(figures: ReportFigures, words: Words) -> str:
    """The delivery in one or two sentences."""
    judgement = figures.judgement
    module, counts = judgement.delivery.module, judgement.main
    evses = judgement.counts.get("evses") if counts.received else None
    if judgement.is_self_check:
        sentences = [words.checked(module, counts), words.checked("evses", evses) if evses else ""]
    elif counts.received or judgement.complete:
        sentences = [
            words.verdict(module, counts, judgement.pulled_at),
            words.verdict_evses(evses) if evses else "",
        ]
    else:
        sentences = [words.nothing_fetched]
    return " ".join(filter(None, sentences))


def mood(figures: ReportFigures) -> str:
    """How the verdict looks: good, bad, or neither."""
    every = figures.judgement.counts.values()
    if any(counts.rejected for counts in every):
        return "bad"
    warned = figures.of(Severity.ERROR) or figures.of(Severity.WARNING)
    is_fine = figures.judgement.complete and figures.judgement.main.received and not warned
    return "good" if is_fine and not any(counts.held_back for counts in every) else "calm"


def advice(figures: ReportFigures, words: Words) -> str:
    """What the CPO does now, in one or two sentences."""
    judgement = figures.judgement
    every = judgement.counts.values()
    has_rejected = any(counts.rejected for counts in every)
    if judgement.is_self_check:
        return words.self_check_advice if has_rejected else words.self_check_fine
    if judgement.due_date is not None:
        return words.due(judgement.delivery.module, judgement.main, judgement.due_date)
    if not judgement.complete:
        return ""
    if judgement.main.received == 0:
        return words.empty_advice[judgement.delivery.module]
    if has_rejected:
        return words.only_changed if judgement.delivery.module == "cdrs" else ""
    if any(counts.held_back for counts in every):
        return words.only_held
    if figures.of(Severity.WARNING) or figures.of(Severity.ERROR):
        return words.only_warnings
    return words.nothing_to_do


@dataclass(frozen=True)
class Instructions:
    """How a CPO delivers corrected records again."""

    heading: str
    steps: tuple[str, ...]
    notes: tuple[str, ...]


def instructions(figures: ReportFigures, words: Words) -> Instructions | None:
    """What to tell of delivering again; None where nothing was rejected, or nothing was delivered."""
    judgement = figures.judgement
    if judgement.is_self_check or not any(counts.rejected for counts in judgement.counts.values()):
        return None
    if judgement.delivery.module == "locations":
        return Instructions(words.again_heading, words.again_steps_locations, ())
    has_credits = judgement.ocpi_version in by_name("cdr")["credit"].path
    if judgement.due_date is None:
        return Instructions(words.changed_heading, (), (words.correction(has_credits),))
    # A window is pulled on the Monday that ends it: the last such Monday within the term opens the window of the due date.
    last_pull = window_of(judgement.due_date)
    return Instructions(words.again_heading, words.again_steps(last_pull), words.again_notes(has_credits))
