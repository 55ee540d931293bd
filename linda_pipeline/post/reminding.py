"""Reminders written into the outbox: one mail per CPO and day, however many cases.

Here: whom to write to, and that letter and note are one transaction. Not here: of what (cases.untold), and what it says
(reminder_letter.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from linda_pipeline.calendar import local_date
from linda_pipeline.cases.case import one_writer
from linda_pipeline.cases.untold import cases_to_tell, cpos_to_remind, mark_told
from linda_pipeline.post.mail_table import Mail
from linda_pipeline.post.outbox import put
from linda_pipeline.post.reminder_letter import KIND, reminder_letter
from linda_pipeline.post.telling import quality_contacts
from linda_pipeline.quality.rule import Rule
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.register.database import RegisterDatabase


def remind(
    database: RegisterDatabase, register: Mapping[str, Cpo], rules: Mapping[str, Rule], sender: str, now: datetime
) -> Counter[str]:
    """Write the reminders of a day; says how many mails each CPO gets.

    A CPO that was reminded on that day already waits until the next one; one that nobody can be written to for stays untold,
    which the check `overdue_told` shows. Raises DatabaseUnusable.
    """
    day = local_date(now)
    written: Counter[str] = Counter()
    with database.reading() as session:
        waiting = [register[key] for key in cpos_to_remind(session, day) if key in register]
    for cpo in waiting:
        with database.writing() as session:
            one_writer(session)
            told, receivers = cases_to_tell(session, cpo.key, day), quality_contacts(session, cpo, day)
            if told is None or not receivers or _was_reminded(session, cpo.key, day):
                continue
            letters = [reminder_letter(told, day, rules, receiver) for receiver in receivers]
            written[cpo.key] = sum(put(session, letter, sender, now) is not None for letter in letters)
            mark_told(session, cpo.key, day)
    return written


def _was_reminded(session: Session, cpo: str, day: date) -> bool:
    newest = select(Mail.written_at).where(Mail.kind == KIND, Mail.of == cpo).order_by(Mail.id.desc()).limit(1)
    at = session.scalar(newest)
    return at is not None and local_date(at) == day
