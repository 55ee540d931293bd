"""The letter to a CPO about a charge point in the wrong place, once NDW has verified the report.

Here: what it says. Not here: the report itself (location_desk). Who reported it stands in none of it.
"""

from __future__ import annotations

from linda_pipeline.location_desk.location_report import LocationReport
from linda_pipeline.post.delivery_letter import Receiver
from linda_pipeline.post.layout import Body, Item, Section, laid_out
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.mail_words import MAIL_WORDS

KIND = "place"


def place_letter(report: LocationReport, receiver: Receiver) -> Letter:
    """The letter on one verified report to one person. Asserts that the report has a due date."""
    assert report.due_date is not None, "only a verified report is told"
    words = MAIL_WORDS[receiver.language]
    subject = words.place_subject(report.location_id, report.due_date)
    rows = [
        (words.place_labels["location"], report.location_id),
        ("EVSE", report.evse_id),
        (words.place_labels["found"], _place(report.found_latitude, report.found_longitude, report.found_address)),
        (
            words.place_labels["proposed"],
            _place(report.proposed_latitude, report.proposed_longitude, report.proposed_address),
        ),
    ]
    body = Body(
        greeting=words.greeting(receiver.name),
        paragraphs=(words.place_news(report.location_id), words.place_due(report.due_date)),
        figures=tuple((label, value) for label, value in rows if value),
        sections=(Section(words.place_heading, tuple(Item(step) for step in words.place_steps), is_numbered=True),),
    )
    text, html = laid_out(body, words, subject)
    return Letter(
        key=f"{KIND} {report.id}",
        kind=KIND,
        of=report.cpo,
        receiver=receiver.address,
        language=receiver.language,
        subject=subject,
        text=text,
        html=html,
    )


def _place(latitude: float | None, longitude: float | None, address: str | None) -> str:
    point = None if latitude is None or longitude is None else f"{latitude:.6f}, {longitude:.6f}"
    return " · ".join(filter(None, (point, address)))
