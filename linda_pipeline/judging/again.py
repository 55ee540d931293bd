"""Deliveries that are to be judged again from what was pulled, and why: nobody has to remember them.

Here: what a judgement is held against (the register's permissions, what it took from other deliveries, the newest pull, its own
tables), and the order. Not here: what a delivery takes and gives (ledger.leanings), the proof of moved records
(permissions.py), and the judging.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from linda_pipeline.judging.permissions import bearing, fingerprint
from linda_pipeline.ledger.entry import Judgement, JudgementUnreadable, find_judgement
from linda_pipeline.ledger.leanings import Leanings, differing, leanings_now
from linda_pipeline.ledger.manifest import missing_tables
from linda_pipeline.ledger.moves import moves
from linda_pipeline.pulling.raw import newest_pull, stamps_by_delivery
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Delivery, Lake

_ORDER = ("locations", "cdrs")
"""Nights first: windows are judged beside them."""
_NAMED = 3


class AgainReason(StrEnum):
    """Why a delivery is judged again."""

    PERMISSIONS = "its permissions have changed in the register"
    LEANED_ON = "what it was compared with has changed"
    PULLED = "a newer pull counts, and was not judged"
    NEVER = "it was pulled, and never judged"
    NOT_REMEMBERED = "an earlier version judged it, without noting what it was compared with"
    TABLES = "a table of its judgement is missing or damaged"


@dataclass(frozen=True)
class Again:
    """A delivery to judge again."""

    delivery: Delivery
    reason: AgainReason
    detail: str = ""
    """What changed, such as the ids of other deliveries."""
    key: str = ""
    """Another one whenever there is something else to do."""

    @property
    def why(self) -> str:
        """The reason as the end of a sentence."""
        return f"{self.reason}{f' ({self.detail})' if self.detail else ''}"


def deliveries_to_judge_again(lake: Lake, register: Mapping[str, Cpo]) -> list[Again]:
    """What is to be judged again as things stand, in order. More may follow from it: a window whose verdicts change changes
    what later ones were compared with. A CPO that is no longer in the register is left as it is."""
    return list(judge_again_in_turn(lake, register))


def judge_again_in_turn(
    lake: Lake, register: Mapping[str, Cpo], *, is_left_out: Callable[[Delivery], bool] = lambda _: False
) -> Iterator[Again]:
    """What is to be judged again, each looked at when its turn comes: whoever judges it before asking for the next one has
    every delivery right in one pass, since each is compared with earlier ones alone.

    `is_left_out`: deliveries that somebody else takes care of.
    """
    pulled = stamps_by_delivery(lake)
    is_open = lake.may_read_raw
    judged = {module: lake.judged(module) for module in _ORDER}
    for key, cpo in sorted(register.items()):
        mine = {one for one in pulled if one.cpo == key}
        mine |= {one for module in _ORDER for one in judged[module] if one.cpo == key}
        entries = {one: entry for one in mine if (entry := _entry(lake, one)) is not None}
        for delivery in sorted(mine, key=lambda one: (_ORDER.index(one.module), one.window)):
            if is_left_out(delivery):
                continue
            found = _why_again(lake, cpo, delivery, entries, pulled.get(delivery, []) if is_open else None)
            if found is not None:
                yield found
                now = _entry(lake, delivery)
                if now is not None:
                    entries[delivery] = now


def _entry(lake: Lake, delivery: Delivery) -> Judgement | None:
    """The judgement of a delivery; None where there is none that can be read."""
    try:
        return find_judgement(lake, delivery)
    except JudgementUnreadable:
        return None


def _why_again(
    lake: Lake, cpo: Cpo, delivery: Delivery, entries: Mapping[Delivery, Judgement], pulled: list[str] | None
) -> Again | None:
    """`pulled`: the stamps of its pulls; None where raw and rejected are closed to this user, and so not looked at."""
    judgement = entries.get(delivery)
    if judgement is None:
        return Again(delivery, AgainReason.NEVER, key=_key(pulled))
    moved = len(moves(lake, delivery))
    before = judgement.permissions.get("fingerprint")
    now = fingerprint(delivery.module, bearing(cpo, delivery, judgement.pulled_at))
    if delivery.module == "cdrs" and not judgement.leans_on:
        return Again(delivery, AgainReason.NOT_REMEMBERED, key=_key(judgement.pull))
    if before != now:
        return Again(delivery, AgainReason.PERMISSIONS, key=_key(moved, before, now))
    if pulled and pulled != [judgement.pull]:
        pull = _other_pull(lake, judgement, pulled)
        if pull is not None:
            return Again(delivery, AgainReason.PULLED, pull, _key(judgement.pull, pull))
    if pulled and (missing := missing_tables(lake, judgement)):
        return Again(delivery, AgainReason.TABLES, ", ".join(missing), _key(judgement.pull, *missing))
    if not judgement.leans_on:
        return None  # a night leans on little: it is judged again when something else asks for it
    leans_now = leanings_now(lake, entries, judgement)
    others = differing(delivery, Leanings.read(judgement.leans_on), leans_now)
    if others:
        pulls = [entries[one].pull if one in entries else None for one in others]
        told = ", ".join(one.id for one in others[:_NAMED]) + (", …" if len(others) > _NAMED else "")
        return Again(delivery, AgainReason.LEANED_ON, told, _key(judgement.pull, moved, *pulls, leans_now.as_dict()))
    return None


def _other_pull(lake: Lake, judgement: Judgement, pulled: list[str]) -> str | None:
    """The stamp of the pull that counts, where it is not the one that was judged. A judgement whose pull is gone stands until a
    newer one comes: what is left may be less than what was judged."""
    pull = newest_pull(lake, judgement.delivery)
    if pull is None or pull.stamp == judgement.pull:
        return None
    return pull.stamp if judgement.pull in pulled or pull.stamp > judgement.pull else None


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
