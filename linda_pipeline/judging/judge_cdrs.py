"""A delivery of CDRs judged, in two looks, so that memory stays flat however large it is.

Here: the order of the whole. Not here: the first look, at each unit on its own (first_look.py), the second one (sorting.py),
the comparing of ids (same.py), the rules and what identity means (quality).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.calendar import local_date
from linda_pipeline.judging.among import Among
from linda_pipeline.judging.first_look import FirstLook
from linda_pipeline.judging.known_before import Around, PlaceRegister
from linda_pipeline.judging.leaning import lean
from linda_pipeline.judging.permissions import enter
from linda_pipeline.judging.same import Places, compare_ids
from linda_pipeline.judging.sorting import SortedOut
from linda_pipeline.judging.spool import Spool
from linda_pipeline.judging.whole_delivery import judge_delivery
from linda_pipeline.judging.window_index import IndexWriter, JudgedBefore, write_index
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ledger.follow_up import schema_of
from linda_pipeline.ledger.leanings import given_by_window
from linda_pipeline.ledger.tables import FINDINGS, HELD, REJECTED, TableWriter
from linda_pipeline.own_columns.accepted_schema import accepted_schema
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.beside import BESIDE, judge_sessions
from linda_pipeline.quality.profile import BUILT_IN_PROFILES, Profiles
from linda_pipeline.quality.rules import rules_for
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Delivery, Lake

UNIT_RECORDS = 40_000
"""Records that are judged at once: enough for the fixed costs to vanish, few enough for memory to stay small."""


def judge_cdrs(
    lake: Lake,
    cpo: Cpo,
    pull: Pull,
    *,
    areas: Areas | None,
    key: bytes,
    profiles: Profiles = BUILT_IN_PROFILES,
    register: PlaceRegister | None = None,
    on_records: Callable[[int], None] | None = None,
    judged_at: datetime | None = None,
    standing: Delivery | None = None,
    gated: bool = True,
) -> Judgement:
    """Judge a pull of CDRs into the lake's buckets, all of it at once or not at all.

    `areas` is needed where a permission names municipalities; `key` makes the pseudonyms; `on_records` hears how many
    records were judged so far; what `profiles` has in force on the day of the pull judges; `register` is the data owner's
    register of places, where there is one; `judged_at` stands in the proof where a changed permission moves records;
    `standing` are judged Locations that hold for every session, in place of the nights around it; `gated`: whether what is
    accepted passes the contract, which costs as much as the rules do and guards what stays (a self-check keeps nothing).
    """
    profile = profiles.on(local_date(pull.pulled_at), cpo.key)
    with lake.scratch() as folder:
        spool = Spool(folder)
        beside = rules_for("cdr", pull.ocpi_version, profile, BESIDE)
        earlier = JudgedBefore(lake, cpo.key, pull.delivery)
        places, among = Places(spool), Among(lake, cpo, pull, spool, earlier, beside)
        first_look = FirstLook(cpo, pull, areas, key, profile, Around(lake, pull, standing), register, among, gated)
        judgement = first_look.judgement
        for pages in _units(pull):
            first_look.take(pages, spool, places)
            del pages  # nothing of a unit is held while the next one is read
            if on_records is not None:
                on_records(len(places))
        judgement.counts["cdrs"].received = len(places)
        identity = compare_ids(lake, cpo, pull, places, earlier, profile)
        judgement.rules_not_run += _not_compared(places.not_compared)
        notes, unable = judge_sessions(among.sessions(places, identity, profile), beside)
        first_look.tell_not_run(unable)
        with lake.transaction() as transaction:
            delivery = pull.delivery
            accepted_path = transaction.put(lake.table("accepted", delivery))
            held_path = transaction.put(lake.table("held", delivery))
            refused_path, index = folder / "refused.parquet", IndexWriter(cpo.key)
            with (
                TableWriter(accepted_path, accepted_schema("cdr")) as accepted,
                TableWriter(transaction.put(lake.table("rejected", delivery)), REJECTED) as rejected,
                TableWriter(held_path, HELD) as held,
                TableWriter(transaction.put(lake.table("findings", delivery)), FINDINGS) as findings,
                TableWriter(refused_path, schema_of(pull.stamp, pull.pulled_at, pull.complete)) as refused,
            ):
                for tables in spool.read("accepted", "rejected", "held", "findings"):
                    sorted_out = SortedOut(
                        judgement, pull, places, identity, notes, *tables, regions=first_look.regions
                    )
                    accepted.write(sorted_out.accepted)
                    index.add(sorted_out.accepted)
                    rejected.write(sorted_out.rejected)
                    held.write(sorted_out.held)
                    findings.write(sorted_out.findings)
                    refused.write(sorted_out.refused)
                    judgement.count(sorted_out.findings)
                on_all = judge_delivery(lake, pull, judgement, profile, among)
                findings.write(on_all)
                judgement.count(on_all)
                counts = judgement.counts["cdrs"]
                counts.accepted, counts.rejected, counts.held_back = accepted.rows, rejected.rows, held.rows
            counts.identical = len(identity.identical)
            write_index(index.index(), transaction.put(lake.index(delivery)), accepted_path)
            earlier.put_what_was_made(transaction)
            judgement.gives = given_by_window(pull.stamp, accepted_path)
            judgement.leans_on = lean(lake, pull, profile).as_dict()
            enter(lake, transaction, judgement, cpo, held_path, refused_path, judged_at)
    return judgement


def _not_compared(count: int) -> list[dict[str, str]]:
    """What is said where the raw pages of what earlier windows accepted are damaged."""
    if not count:
        return []
    return [
        {
            "rule": "unchanged_since_accepted",
            "why": f"{count:,} CDRs could not be compared with what an earlier window accepted: its raw pages are damaged.",
            "why_nl": f"{count} CDR's konden niet worden vergeleken met wat eerder is opgenomen: die ruwe gegevens zijn "
            "beschadigd.",
        }
    ]


def _units(pull: Pull) -> Iterator[list[tuple[int, Sequence[bytes]]]]:
    """The pages in runs of about UNIT_RECORDS; at least one run, so that an empty delivery is judged as well."""
    pages: list[tuple[int, Sequence[bytes]]] = []
    records = 0
    for number, found in pull.pages():
        pages.append((number, found))
        records += len(found)
        if records >= UNIT_RECORDS:
            yield pages
            pages, records = [], 0
    yield pages
