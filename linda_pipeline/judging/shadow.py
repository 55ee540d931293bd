"""Stored raw deliveries judged again, under another profile or after a rule was mended: what would change, and changing it.

Here: a shadow of the lake in its private staging folder, in which the deliveries are judged anew, and the comparison with the
judgements that stand. The lake itself changes only in `apply`. Not here: the judging, and the text on the screen.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow.compute as pc

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.judging.judge_pull import judge_pull
from linda_pipeline.judging.known_before import PlaceRegister
from linda_pipeline.ledger.entry import BUCKETS, Judgement, findings_by_object, read_judgement
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.quality.profile import BUILT_IN_PROFILES, Profiles
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import MODULES, Delivery, Lake, LakeUnusable
from linda_pipeline.storage.parquet import read_table

_BUCKETS_ON_DISK = ("accepted", "rejected", "held", "findings")
_SHOWN_IDS = 5


@dataclass
class Change:
    """What a replay would change for one CPO and rule: findings as they stand, and as they would be."""

    cpo: str
    object: str
    severity: str
    rule: str
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class NewFailure:
    """A record that stands accepted and would be refused: what its CPO is to hear of a draft ahead of its day."""

    delivery: Delivery
    object: str
    id: str | None
    page: int | None
    position: int | None
    rules: tuple[str, ...]
    """The rules that would refuse it."""


@dataclass
class ReplayOutcome:
    """What a replay came to."""

    deliveries: int = 0
    changed: list[Delivery] = field(default_factory=list)
    """Deliveries of which any file would differ."""
    rules: list[Change] = field(default_factory=list)
    """By CPO, object, severity and rule; only what would differ."""
    buckets: dict[tuple[str, str], dict[str, tuple[int, int]]] = field(default_factory=dict)
    """(CPO, kind of record) -> bucket -> records before and after; all buckets."""
    newly_accepted: dict[str, list[str]] = field(default_factory=dict)
    """CPO -> the first few ids of records that are refused now and would be accepted."""
    newly_rejected: dict[str, list[str]] = field(default_factory=dict)
    newly_failing: dict[str, int] = field(default_factory=dict)
    """CPO -> how many records stand accepted and would be refused."""


class Replay:
    """Deliveries judged anew in a shadow of the lake. `outcome` says what would change; `apply` changes it."""

    def __init__(self, lake: Lake, shadow: Lake, deliveries: Sequence[Delivery]) -> None:
        self._lake, self._shadow, self._deliveries = lake, shadow, deliveries
        self._leaning_otherwise: list[Delivery] = []
        """Those whose verdicts stay as they are, but that were compared with others that change."""
        self.outcome = self._compared()

    def apply(self) -> None:
        """Put the new judgements in the place of the old ones, each delivery whole or not at all."""
        for delivery in [*self.outcome.changed, *self._leaning_otherwise]:
            with self._lake.transaction() as transaction:
                follow_ups = self._shadow.follow_up(delivery, "").parent.glob("*.parquet")
                index = self._shadow.index(delivery)
                for path in [
                    *_files(self._shadow, delivery),
                    *([index] if index.exists() else []),
                    *sorted(follow_ups),
                ]:
                    target = self._lake.root / path.relative_to(self._shadow.root)
                    path.replace(transaction.put(target))

    def newly_failing(self) -> Iterator[NewFailure]:
        """Every record that stands accepted and would be refused, delivery by delivery, in order of its place."""
        for delivery in self._deliveries:
            stood, refused = (_rejected(lake, delivery) for lake in (self._lake, self._shadow))
            for place in sorted(refused.keys() - stood.keys()):
                name, page, position, _ = place
                record_id, rules = refused[place]
                yield NewFailure(delivery, name, record_id, page, position, rules)

    def _compared(self) -> ReplayOutcome:
        outcome = ReplayOutcome(len(self._deliveries))
        numbers: dict[tuple[str, str, str, str], Change] = {}
        for delivery in self._deliveries:
            before, after = (_judgement(lake, delivery) for lake in (self._lake, self._shadow))
            if _verdicts_differ(self._lake, self._shadow, delivery):
                outcome.changed.append(delivery)
            elif before.leans_on != after.leans_on:
                self._leaning_otherwise.append(delivery)
            for name in {*before.findings, *after.findings}:
                key = (delivery.cpo, name.object, name.severity, name.rule)
                change = numbers.setdefault(key, Change(*key))
                change.before += before.findings[name]
                change.after += after.findings[name]
            self._count_buckets(outcome, delivery, before, after)
            self._compare_ids(outcome, delivery)
        outcome.rules = [change for _, change in sorted(numbers.items()) if change.before != change.after]
        return outcome

    @staticmethod
    def _count_buckets(outcome: ReplayOutcome, delivery: Delivery, before: Judgement, after: Judgement) -> None:
        for kind in before.counts:
            buckets = outcome.buckets.setdefault((delivery.cpo, kind), dict.fromkeys(BUCKETS, (0, 0)))
            for bucket in BUCKETS:
                old, new = buckets[bucket]
                buckets[bucket] = (old + before.counts[kind].of(bucket), new + after.counts[kind].of(bucket))

    def _compare_ids(self, outcome: ReplayOutcome, delivery: Delivery) -> None:
        places = [_rejected(lake, delivery) for lake in (self._lake, self._shadow)]
        for ids, one, other in (
            (outcome.newly_accepted, places[0], places[1]),
            (outcome.newly_rejected, places[1], places[0]),
        ):
            shown = ids.setdefault(delivery.cpo, [])
            new = sorted(one.keys() - other.keys())
            shown += [one[place][0] or "?" for place in new[: _SHOWN_IDS - len(shown)]]
            if ids is outcome.newly_rejected and new:
                outcome.newly_failing[delivery.cpo] = outcome.newly_failing.get(delivery.cpo, 0) + len(new)


def _judgement(lake: Lake, delivery: Delivery) -> Judgement:
    judgement = read_judgement(lake, delivery)
    return replace(judgement, findings=Counter(findings_by_object(lake, judgement)))


def _rejected(lake: Lake, delivery: Delivery) -> dict[tuple[str, int, int, int], tuple[str | None, tuple[str, ...]]]:
    """Each rejected record by its place: its id, and the rules that refuse it."""
    names = ["object", "page", "position", "index", "id", "rules"]
    table = read_table(lake.table("rejected", delivery), columns=names)
    columns = [pc.fill_null(table["index"], -1) if name == "index" else table[name] for name in names]
    found = zip(*(column.to_pylist() for column in columns), strict=True)
    return {tuple(place): (record_id, tuple(rules or ())) for *place, record_id, rules in found}


def _files(lake: Lake, delivery: Delivery) -> list[Path]:
    folders = [lake.root / bucket / delivery.folder for bucket in _BUCKETS_ON_DISK]
    return [*sorted(path for folder in folders for path in folder.glob("*.parquet")), lake.ledger(delivery)]


def _verdicts_differ(lake: Lake, shadow: Lake, delivery: Delivery) -> bool:
    """Whether any file differs, the name of the profile and what the judgement was compared with aside."""
    pairs = [(lake.root / path.relative_to(shadow.root), path) for path in _files(shadow, delivery)[:-1]]
    if any(not old.exists() or old.read_bytes() != new.read_bytes() for old, new in pairs):
        return True
    before, after = (_judgement(one, delivery) for one in (lake, shadow))
    aside = {name: getattr(before, name) for name in ("profile_version", "gives", "leans_on", "tables")}
    return before != replace(after, **aside)


@contextlib.contextmanager
def replay(
    lake: Lake,
    register: Mapping[str, Cpo],
    deliveries: Sequence[Delivery],
    *,
    areas: Areas,
    key: bytes,
    profiles: Profiles = BUILT_IN_PROFILES,
    places: PlaceRegister | None = None,
    on_delivery: Callable[[Delivery], None] | None = None,
) -> Iterator[Replay]:
    """Judge deliveries that were judged before anew, in order, each beside what the replay made of those before it.

    `profiles`: what is in force on each pull's day judges, so that without a draft only mended rules make a difference. Nothing
    in the lake changes unless `apply` is called before the block ends.
    """
    ordered = sorted(deliveries, key=lambda one: (one.module != "locations", one.window, one.cpo))
    chosen = set(ordered)
    with lake.scratch() as folder:
        shadow = _shadow(lake, folder / "lake", chosen)
        for delivery in ordered:
            pull = newest_pull(shadow, delivery)
            if pull is None:
                raise LakeUnusable(
                    f"{delivery.id} was judged, but its raw pages are gone. Bring them back from a backup."
                )
            cpo = register[delivery.cpo]
            judge_pull(shadow, cpo, pull, areas=areas, key=key, register=places, profiles=profiles)
            if on_delivery is not None:
                on_delivery(delivery)
        yield Replay(lake, shadow, ordered)


def _shadow(lake: Lake, root: Path, chosen: set[Delivery]) -> Lake:
    """A lake beside the lake that reads the same raw pages, and the judgements of all but the chosen deliveries."""
    shadow = Lake(root, memory_limit=lake.memory_limit)
    for module in MODULES:
        for delivery in lake.judged(module):
            shared = ["raw"] if delivery in chosen else ["raw", "accepted", "held", "ledger"]
            for bucket in shared:
                link = shadow.root / bucket / delivery.folder
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(lake.root / bucket / delivery.folder, target_is_directory=True)
            if delivery not in chosen and lake.index(delivery).exists():
                link = shadow.index(delivery)  # of the file alone: one that is made again stays in the shadow
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(lake.index(delivery))
    return shadow
