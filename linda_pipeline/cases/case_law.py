"""One judgement at the desk: which cases it opens, keeps open and closes.

Here: the law of cases over windows. A case tells of its record up to the window that last refused or closed it; what an earlier
window says when it is judged again changes nothing of that. Not here: the transaction around it (taking_in.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from linda_pipeline.calendar import local_date
from linda_pipeline.cases.case import UNSOLVED, CaseState, RedeliveryCase, TakenIn, event, tell
from linda_pipeline.cases.identities import Refused, kept_all, rule_without_id, without_id
from linda_pipeline.cases.terms import last_day
from linda_pipeline.ledger.follow_up import FollowUp, MadeGood, mended
from linda_pipeline.register.events import PORTAL
from linda_pipeline.storage.lake import Delivery, Lake

REPLAY = "replay"
"""What closed a case that no new delivery closed: its delivery was judged again."""
_AT_ONCE = 900
"""So many values in one question: SQLite takes no more than 999 in older builds."""
_FETCHED = 5_000
_KNOWN = pa.schema([("id", pa.int64()), ("identity", pa.string())])
_Case = RedeliveryCase
_TABLE: Any = RedeliveryCase.__table__


class CaseLaw:
    """What a judgement does to the cases of its CPO and module. `changes` counts what was done."""

    def __init__(
        self,
        session: Session,
        lake: Lake,
        follow_up: FollowUp,
        refused: dict[str, Refused],
        now: datetime,
        *,
        is_again: bool,
    ) -> None:
        """`is_again`: the register took in a judgement of the same pull before."""
        self.session, self.lake, self.follow_up, self.now = session, lake, follow_up, now
        self.delivery, self.window = follow_up.delivery, follow_up.delivery.window
        self.refused, self.is_again = refused, is_again
        self.changes: Counter[str] = Counter()

    def open(self, came: MadeGood | None) -> None:
        """Open a case for what is refused and has none, and note that what has one was refused again."""
        newest = {row.identity: row for row in self._cases_of(list(self.refused))}
        credited = _texts(came.credited) if came is not None else frozenset()
        unknown = [one for one in self.refused if one not in newest]
        mended_later = self._mended_later(unknown)
        new: list[tuple[str, int | None]] = [(one, None) for one in unknown if one not in mended_later]
        again = []
        for identity, case in newest.items():
            if case.state in UNSOLVED:
                again.append(case)
            elif self._is_broken_again(case, identity in credited):
                new.append((identity, case.id))
        self._open(new)
        self._note_refused_again(again)

    def close(self, came: MadeGood) -> None:
        """Close what this judgement mends, takes back, or asks for no more."""
        unsolved = self._unsolved()
        is_refused = pc.is_in(unsolved["identity"], value_set=pa.array(list(self.refused), pa.string()))
        free = unsolved.filter(pc.invert(is_refused))
        mended = _among(free, came.identities)
        credited = _among(unsolved, came.credited) - mended
        self._close(self._at_this_window(mended), CaseState.CORRECTED)
        self._close(self._at_this_window(credited), CaseState.WITHDRAWN)
        nameless = free.filter(without_id(free["identity"]))
        self._close(self._of_clean_rules(nameless), CaseState.CORRECTED)
        others = set(free["id"].to_pylist()) - {*nameless["id"].to_pylist()} if self._tells_of_all() else set()
        self._close(self._asked_no_more(others - mended - credited), CaseState.WITHDRAWN)

    def _cases_of(self, identities: Sequence[str]) -> Iterator[Any]:
        """The cases of some identities, the oldest first."""
        names = (_Case.id, _Case.identity, _Case.state, _Case.rules, _Case.records)
        asked = select(*names, _Case.last_window, _Case.last_pull, _Case.closed_window).order_by(_Case.id)
        asked = asked.where(_Case.cpo == self.delivery.cpo, _Case.module == self.delivery.module)
        for chosen in _in_runs(identities):
            yield from self.session.execute(asked.where(_Case.identity.in_(chosen)))

    def _unsolved(self) -> pa.Table:
        """The id and identity of every case of this CPO and module that is not solved, read without an object per row."""
        asked = select(_Case.id, _Case.identity).where(
            _Case.cpo == self.delivery.cpo, _Case.module == self.delivery.module, _Case.state.in_(UNSOLVED)
        )
        cursor: Any = self.session.connection().execute(asked).cursor
        parts = []
        while rows := cursor.fetchmany(_FETCHED):
            numbers, identities = zip(*rows, strict=True)
            parts.append(
                pa.record_batch([pa.array(numbers, pa.int64()), pa.array(identities, pa.string())], schema=_KNOWN)
            )
        return pa.Table.from_batches(parts, schema=_KNOWN).combine_chunks()

    def _mended_later(self, identities: Sequence[str]) -> frozenset[str]:
        """Those that a later window which was taken in already accepted or took back: nothing is to come again."""
        if not identities:
            return frozenset()
        asked = select(TakenIn.window).where(
            TakenIn.cpo == self.delivery.cpo, TakenIn.module == self.delivery.module, TakenIn.window > self.window
        )
        windows = self.session.scalars(asked.order_by(TakenIn.window.desc())).all()
        found: set[str] = set()
        for window in windows if self.delivery.module == "cdrs" else windows[:1]:
            later = mended(self.lake, Delivery(self.delivery.module, self.delivery.cpo, window))
            mine = pa.array(identities, pa.string())
            for one in (later.identities, later.credited):
                found.update(mine.filter(pc.is_in(mine, value_set=kept_all(one))).to_pylist())
        return frozenset(found)

    def _is_broken_again(self, case: Row[Any], is_credited: bool) -> bool:
        """Whether a record whose newest case was closed gets another one."""
        told_until = max(case.last_window, case.closed_window or case.last_window)
        if self.window == told_until:  # this same window closed it, when it was judged or pulled before
            by_judging = case.state in (CaseState.CORRECTED, CaseState.WITHDRAWN) and case.closed_window == self.window
            return by_judging and not is_credited
        return bool(self.window > told_until)

    def _open(self, new: Sequence[tuple[str, int | None]]) -> None:
        if not new:
            return
        due = last_day(self.delivery.module, self.follow_up.pulled_at, self.now, is_again=self.is_again)
        first = (self.session.scalar(select(func.max(_Case.id))) or 0) + 1
        rows: list[dict[str, Any]] = [
            {
                "id": number,
                "cpo": self.delivery.cpo,
                "module": self.delivery.module,
                "object": one.object,
                "identity": identity,
                "record_id": one.record_id,
                "records": one.records,
                "rules": sorted(one.rules),
                "nal_region": one.nal_region,
                "state": CaseState.OPEN.value,
                "first_seen": self.follow_up.pulled_at,
                "due_date": due,
                "delivery_id": self.delivery.id,
                "last_window": self.window,
                "last_pull": self.follow_up.pull,
                "previous_id": previous,
            }
            for number, (identity, previous) in enumerate(new, start=first)
            for one in (self.refused[identity],)
        ]
        self.session.connection().execute(insert(_TABLE), rows)
        told = {"delivery_id": self.delivery.id, "due_date": due.isoformat() if due else None}
        self._tell("opened", ((int(row["id"]), {**told, "rules": row["rules"], **_previous(row)}) for row in rows))

    def _note_refused_again(self, cases: Sequence[Row[Any]]) -> None:
        """Of a later delivery with one more event for CDRs; nights, and what was judged again, only where the rules differ."""
        updates, again, changed = [], [], []
        for case in cases:
            if self.window < case.last_window:
                continue
            one = self.refused[case.identity]
            rules = sorted(one.rules)
            is_later = self.window > case.last_window
            differs = rules != case.rules or one.records != case.records
            if not (is_later or differs or case.last_pull != self.follow_up.pull):
                continue
            updates.append(
                {
                    "id": case.id,
                    "rules": rules,
                    "records": one.records,
                    "last_window": self.window,
                    "last_pull": self.follow_up.pull,
                }
            )
            told = (case.id, {"delivery_id": self.delivery.id, "rules": rules})
            if is_later and self.delivery.module == "cdrs":
                again.append(told)
            elif differs:
                changed.append(told)
        if updates:
            self.session.execute(update(_Case), updates)
        self._tell("refused_again", again)
        self._tell("rules_changed", changed)

    def _at_this_window(self, numbers: Iterable[int]) -> list[int]:
        """Those of some cases that no later window refused."""
        asked = select(_Case.id).where(_Case.last_window <= self.window)
        return [
            one for run in _in_runs(sorted(numbers)) for one in self.session.scalars(asked.where(_Case.id.in_(run)))
        ]

    def _of_clean_rules(self, nameless: pa.Table) -> list[int]:
        """The cases of records without an id whose rule no such record of this complete delivery breaks."""
        if not self.follow_up.complete:
            return []
        broken = {rule_without_id(one) for one, refused in self.refused.items() if refused.record_id is None}
        pairs = zip(nameless["id"].to_pylist(), nameless["identity"].to_pylist(), strict=True)
        return self._at_this_window([number for number, identity in pairs if rule_without_id(identity) not in broken])

    def _tells_of_all(self) -> bool:
        """Whether what is neither refused nor mended has nothing to come again: in a complete night, where a Location or EVSE
        is gone or held back; among CDRs only where the same pull was judged again, which holds back what it refused before."""
        return self.is_again if self.delivery.module == "cdrs" else self.follow_up.complete

    def _asked_no_more(self, numbers: Iterable[int]) -> list[int]:
        """Those of some cases that this judgement would have to tell of."""
        if self.delivery.module == "locations":
            return self._at_this_window(numbers)
        asked = select(_Case.id).where(_Case.last_window == self.window, _Case.last_pull == self.follow_up.pull)
        mine = asked.where(_Case.cpo == self.delivery.cpo, _Case.module == "cdrs")
        return sorted(set(self.session.scalars(mine)) & set(numbers))

    def _close(self, numbers: Sequence[int], state: CaseState) -> None:
        if not numbers:
            return
        by = REPLAY if self.is_again else self.delivery.id
        day = local_date(self.now if self.is_again else self.follow_up.pulled_at)
        closing = {"state": state.value, "closed_on": day, "closed_by": by, "closed_window": self.window}
        self.session.execute(update(_Case), [{"id": number, **closing} for number in numbers])
        told = {"delivery_id": self.delivery.id, "closed_by": by}
        self._tell(state.value, ((number, told) for number in numbers))

    def _tell(self, action: str, told: Iterable[tuple[int, dict[str, Any]]]) -> None:
        events = [event(number, self.now, PORTAL, action, **details) for number, details in told]
        tell(self.session, events)
        self.changes[action] += len(events)


def _texts(column: Any) -> frozenset[str]:
    return frozenset(kept_all(column).to_pylist())


def _previous(row: dict[str, Any]) -> dict[str, Any]:
    return {} if row["previous_id"] is None else {"previous": row["previous_id"]}


def _among(cases: pa.Table, identities: Any) -> set[int]:
    """The ids of the cases that some records concern."""
    return set(cases["id"].filter(pc.is_in(cases["identity"], value_set=kept_all(identities))).to_pylist())


def _in_runs(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
