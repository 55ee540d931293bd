"""A report of a wrong place: who says so, what is wrong, where it should be, and how far NDW and the CPO came with it.

Here: the table and its states. Not here: what changes them (handling.py, closing.py).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from linda_pipeline.register.sql_tables import Base

SUBJECT = "location_report"
"""What events on a report are about, in the register."""


class ReportState(StrEnum):
    """How far a report came."""

    REPORTED = "reported"
    """NDW has not looked at it yet."""
    VERIFIED = "verified"
    """NDW found it right; the CPO has until the due date."""
    OVERDUE = "overdue"
    """The due date has passed, and the delivered place is still wrong."""
    SOLVED = "solved"
    """The CPO delivers the place as it was proposed."""
    REFUSED = "refused"
    """NDW found it wrong, with a reason."""


WAITING = (ReportState.VERIFIED, ReportState.OVERDUE)
"""States in which the CPO is to put the place right."""


class LocationReport(Base):
    """One report on one Location. Coordinates are degrees (WGS 84)."""

    __tablename__ = "location_report"
    __table_args__ = (Index("location_report_open", "state", "cpo"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cpo: Mapped[str] = mapped_column(String(20))
    location_id: Mapped[str] = mapped_column(String(64))
    evse_id: Mapped[str | None] = mapped_column(String(64))
    """The charge point that the reporter named; the place is that of its Location."""
    wrong: Mapped[str] = mapped_column(Text)
    reporter_role: Mapped[str] = mapped_column(String(40))
    reporter_address: Mapped[str | None] = mapped_column(String(320))
    found_latitude: Mapped[float | None]
    found_longitude: Mapped[float | None]
    found_address: Mapped[str | None] = mapped_column(String(300))
    """The place as it was delivered when the report came in."""
    proposed_latitude: Mapped[float | None]
    proposed_longitude: Mapped[float | None]
    proposed_address: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20), default=ReportState.REPORTED.value)
    reported_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    due_date: Mapped[date | None]
    """The last of the five working days, Amsterdam date."""
    ended_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(100))
    """The delivery whose place was right."""
    was_overdue: Mapped[bool] = mapped_column(default=False)
