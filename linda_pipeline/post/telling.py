"""Everyone told of a judged delivery: its letters into the outbox, in the transaction that takes the judgement in.

Here: who gets a letter about a delivery. Not here: what it says (delivery_letter.py, region_letter.py), and the sending. What
costs time is read before the transaction begins; within it only contacts are looked up and rows are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from linda_pipeline.calendar import local_date
from linda_pipeline.ledger.earlier import earlier_judgements
from linda_pipeline.ledger.entry import Judgement, read_judgement
from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.post.delivery_letter import Receiver, ReportPlace, delivery_letter, is_news
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.outbox import put
from linda_pipeline.post.region_letter import region_letter
from linda_pipeline.quality.rule import Rule
from linda_pipeline.register.contacts import Role, contacts
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.report.figures import ReportFigures, read_figures
from linda_pipeline.storage.lake import Delivery, Lake


@dataclass(frozen=True)
class Postman:
    """What is the same for every delivery that is told of."""

    lake: Lake
    register: Mapping[str, Cpo]
    rules: Mapping[str, Rule]
    sender: str
    reports: ReportPlace
    by_place: Callable[[Delivery], Sequence[PlaceFigures]]
    """The figures of one delivery by place, for the regions."""

    def prepare(self, delivery: Delivery) -> Callable[[Session, datetime], int]:
        """Read what the letters on a delivery tell; what comes back writes them in a transaction and says how many were new.

        An earlier night has nothing new to tell once a later one is judged.
        """
        cpo, judgement = self.register.get(delivery.cpo), read_judgement(self.lake, delivery)
        if cpo is None or not is_news(judgement, _night_before(self.lake, judgement)):
            return lambda session, at: 0
        figures = read_figures(self.lake, delivery, cpo_name=cpo.name, rules=self.rules)
        by_place = self.by_place(delivery) if any(counts.rejected for counts in judgement.counts.values()) else ()

        def write(session: Session, at: datetime) -> int:
            letters = self._letters(session, cpo, figures, by_place, local_date(at))
            return sum(put(session, letter, self.sender, at) is not None for letter in letters)

        return write

    def _letters(
        self,
        session: Session,
        cpo: Cpo,
        figures: ReportFigures,
        by_place: Sequence[PlaceFigures],
        day: date,
    ) -> list[Letter]:
        letters = [
            delivery_letter(figures, self.rules, receiver, self.reports)
            for receiver in quality_contacts(session, cpo, day)
        ]
        for region in sorted({row.nal_region for row in by_place if row.nal_region is not None}):
            for receiver in _receivers(session, Role.REGION, region, day):
                letter = region_letter(figures.judgement, region, by_place, self.rules, receiver)
                if letter is not None:
                    letters.append(letter)
        return letters


def _night_before(lake: Lake, judgement: Judgement) -> Judgement | None:
    if judgement.delivery.module != "locations":
        return None
    return next(earlier_judgements(lake, judgement.delivery), None)


def quality_contacts(session: Session, cpo: Cpo, day: date) -> list[Receiver]:
    """Whom a CPO is written to at: those in the register; else the one that the CPO's block in cpos.toml names."""
    found = _receivers(session, Role.QUALITY, cpo.key, day)
    if not found and cpo.quality_contact is not None:
        return [Receiver("", cpo.quality_contact, cpo.language)]
    return found


def _receivers(session: Session, role: Role, of: str, day: date) -> list[Receiver]:
    return [Receiver(one.name, one.address, one.language) for one in contacts(session, role, of, on=day)]
