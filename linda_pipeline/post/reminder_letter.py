"""The letter that reminds a CPO of what is to come again: a week before the last day, and when that is over.

Here: what it says. Not here: of which cases (cases.untold), and whom to write to (reminding.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from linda_pipeline.calendar import window_of
from linda_pipeline.cases.untold import CasesToTell
from linda_pipeline.post.delivery_letter import Receiver
from linda_pipeline.post.layout import Body, Item, Section, laid_out
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.mail_words import MAIL_WORDS
from linda_pipeline.post.reminder_words import REMINDER_WORDS
from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.explained import sentence_of

KIND = "reminder"


def reminder_letter(told: CasesToTell, day: date, rules: Mapping[str, Rule], receiver: Receiver) -> Letter:
    """The letter of one day to one person at a CPO. Asserts that there is something to tell."""
    assert told.due or told.overdue, "a reminder tells of something"
    words, mail = REMINDER_WORDS[receiver.language], MAIL_WORDS[receiver.language]
    due, overdue = sum(told.due.values()), sum(told.overdue.values())
    first = min(told.due, default=None)
    subject = words.subject(due, first, overdue)
    news = [words.overdue(overdue)] if overdue else []
    news += [words.due(records, last) for last, records in told.due.items()]
    figures = [(words.overdue_label(last), words.report.number(count)) for last, count in told.overdue.items()]
    figures += [(words.due_label(last), words.report.number(count)) for last, count in told.due.items()]
    steps = words.report.again_steps(window_of(first or day))
    if first is None:
        steps = steps[:-1]  # the last one names our last pull within the term, and that is over
    body = Body(
        greeting=mail.greeting(receiver.name),
        paragraphs=tuple(news),
        figures=tuple(figures) if len(figures) > 1 else (),
        sections=(
            *_reasons(told, rules, receiver.language),
            Section(words.report.again_heading, tuple(Item(step) for step in steps), is_numbered=True),
        ),
        ending=(words.list_of_cases, words.no_more),
    )
    text, html = laid_out(body, mail, subject)
    return Letter(
        key=f"{KIND} {told.cpo} {day}",
        kind=KIND,
        of=told.cpo,
        receiver=receiver.address,
        language=receiver.language,
        subject=subject,
        text=text,
        html=html,
    )


def _reasons(told: CasesToTell, rules: Mapping[str, Rule], language: str) -> tuple[Section, ...]:
    words = REMINDER_WORDS[language]
    items = []
    for rule_id, records in told.rules.items():
        rule = rules.get(f"cdr.{rule_id}")
        said = rule_id if rule is None else sentence_of(rule, words.report)
        fix = "" if rule is None else str(getattr(rule, f"fix_{words.report.code}"))
        items.append(Item(said, words.report.counted(records, "cdrs"), fix))
    return (Section(words.report.frequent_heading(len(items)), tuple(items)),) if items else ()
