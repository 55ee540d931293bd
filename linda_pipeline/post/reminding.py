"""Reminders written into the outbox: one mail per CPO and day, however many cases.

Here: whom to write to, and that letter and note are one transaction. Not here: of what (cases.untold), and what it says
(reminder_letter.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from linda_pipeline.calendar import local_date
from linda_pipeline.cases.case import one_writer
from linda_pipeline.cases.untold import cases_to_tell, mark_told
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
        waiting = [told.cpo for told in cases_to_tell(session, day)]
    for key in waiting:
        cpo = register.get(key)
        if cpo is None:
            continue
        with database.writing() as session:
            one_writer(session)
            told = next((one for one in cases_to_tell(session, day) if one.cpo == key), None)
            receivers = quality_contacts(session, cpo, day)
            if told is None or not receivers or _was_reminded(session, key, now):
                continue
            for receiver in receivers:
                put(session, reminder_letter(told, day, rules, receiver), sender, now)
                written[key] += 1
            mark_told(session, key, day)
    return written


def _was_reminded(session: Session, cpo: str, now: datetime) -> bool:
    newest = select(Mail.written_at).where(Mail.kind == KIND, Mail.of == cpo).order_by(Mail.id.desc()).limit(1)
    at = session.scalar(newest)
    return at is not None and local_date(at) == local_date(now)
