"""The stations of the road by name, each one call on a lake: all that Dagster and the command line know of the road.

Here: the order of things within a station, the lock under which what is shared by all CPOs is made, and by name what is due and
what waits to be judged again. Not here: the work; what an operator has set up (means); what follows (following); making it all
again (rebuilding).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.errors import InputMistake
from linda_pipeline.judging import conservation as judgement
from linda_pipeline.judging import damage, permissions
from linda_pipeline.judging.again import Again, AgainReason, deliveries_to_judge_again, judge_again_in_turn
from linda_pipeline.judging.conservation import NotConserved
from linda_pipeline.judging.damage import tables_whole
from linda_pipeline.judging.judge_pull import judge_pull
from linda_pipeline.judging.known_before import PlaceRegister
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.pulling import pull as deliver
from linda_pipeline.pulling.books import all_deliveries, attempts_table
from linda_pipeline.pulling.due import Missed, missed, windows_to_pick
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.profile import BUILT_IN_PROFILES, Profiles
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.register.of_lake import check_register
from linda_pipeline.report import report_on
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.warehouse import compute as reckoning
from linda_pipeline.warehouse import curate_cdrs as cdrs
from linda_pipeline.warehouse import curate_locations as locations
from linda_pipeline.warehouse import publish as publishing
from linda_pipeline.warehouse.curation_book import forget_all_but

if TYPE_CHECKING:
    from linda_pipeline.register.database import RegisterDatabase

__all__ = [
    "Again",
    "AgainReason",
    "Judgement",
    "Missed",
    "NotConserved",
    "NotPulled",
    "Pull",
    "compute_kpis",
    "conserve",
    "curate_cdrs",
    "curate_locations",
    "deliveries_to_judge_again",
    "judge",
    "judge_again_in_turn",
    "mend",
    "missed",
    "newest_pull",
    "publish",
    "pull",
    "report",
    "windows_to_pick",
]
"""The stations, and what they take, give and raise: what is due and what waits is told by the rooms that reckon it."""

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def _reads_tables(
    station: Callable[Concatenate[Lake, _Given], _Made],
) -> Callable[Concatenate[Lake, _Given], _Made]:
    """A station that reads tables of judgements: where one turns out to be damaged, it is set aside and named."""

    @wraps(station)
    def on_whole_tables(lake: Lake, /, *given: _Given.args, **named: _Given.kwargs) -> _Made:
        with tables_whole(lake):
            return station(lake, *given, **named)

    return on_whole_tables


def mend(lake: Lake) -> list[str]:
    """Put right what is damaged in the lake, as far as small files tell; one sentence for each thing that was done."""
    return list(damage.mend(lake, all_deliveries(lake)))


def pull(
    lake: Lake,
    cpo: Cpo,
    delivery: Delivery,
    *,
    token: str | None,
    pulled_at: datetime,
    patience: Patience | None = None,
    on_page: Callable[[Any], None] | None = None,
) -> Pull:
    """Pull a delivery over OCPI and keep it as received. Raises NotPermitted, TokenMissing or PullFailed."""
    return deliver.pull(
        lake,
        cpo,
        delivery.module,
        delivery.window,
        token=token,
        pulled_at=pulled_at,
        patience=patience,
        on_page=on_page,
    )


def newest_pull(lake: Lake, delivery: Delivery) -> Pull:
    """The newest complete pull of a delivery. Raises NotPulled."""
    found = deliver.newest_pull(lake, delivery)
    if found is None:
        raise NotPulled(f"{delivery.id} was not pulled yet. Pull it first.")
    return found


class NotPulled(InputMistake):
    """A delivery is asked for that is not in the lake."""


@_reads_tables
def judge(
    lake: Lake,
    cpo: Cpo,
    delivery: Delivery,
    *,
    areas: Areas,
    key: bytes,
    register: PlaceRegister | None = None,
    profiles: Profiles = BUILT_IN_PROFILES,
    on_records: Callable[[int], None] | None = None,
    judged_at: datetime | None = None,
) -> Judgement:
    """Judge the newest pull of a delivery: every record into one bucket, every defect a finding.

    `profiles`: what is in force on the day of the pull judges. Judged again under other permissions, it moves what they
    let in or shut out, and notes the proof, with `judged_at`.
    """
    return judge_pull(
        lake,
        cpo,
        newest_pull(lake, delivery),
        areas=areas,
        key=key,
        register=register,
        profiles=profiles,
        on_records=on_records,
        judged_at=judged_at,
    )


def conserve(lake: Lake, delivery: Delivery) -> Judgement:
    """Prove that nothing of a delivery was lost. Raises NotConserved."""
    return judgement.conserve(lake, delivery, newest_pull(lake, delivery))


@_reads_tables
def report(lake: Lake, delivery: Delivery, *, cpo_name: str) -> None:
    """Write a delivery's quality report."""
    report_on(lake, delivery, cpo_name=cpo_name)


@_reads_tables
def curate_locations(lake: Lake, areas: Areas, *, anew: bool = False) -> dict[str, int]:
    """Build the history of Locations and EVSEs of every CPO of which a night changed, or of all anew.

    Raises NotConserved where a Location is left in it that a permission no longer covers.
    """
    with lake.lock("publish"):
        cpos = _cpos(lake, "locations")
        forget_all_but(lake, "locations", cpos)
        counts = _summed(locations.curate_locations(lake, cpo, areas, anew=anew) for cpo in cpos)
    permissions.prove_withdrawals(lake, "locations")
    return counts


@_reads_tables
def curate_cdrs(lake: Lake, areas: Areas, *, anew: bool = False) -> dict[str, int]:
    """Build the curated CDRs of every CPO and month of which a row changed, or of all anew.

    Raises NotConserved where accepted rows are missing from it.
    """
    with lake.lock("publish"):
        cpos = _cpos(lake, "cdrs")
        forget_all_but(lake, "cdrs", cpos)
        counts = {cpo: cdrs.curate_cdrs(lake, cpo, areas, anew=anew) for cpo in cpos}
    for cpo, one in counts.items():
        if not one.adds_up:
            raise NotConserved(
                f"The curated CDRs of {cpo} do not add up: {one.accepted:,} accepted, but {one.curated:,} curated, "
                f"{one.credits:,} credits, {one.credited:,} credited and {one.superseded:,} superseded. Curate again; if that "
                "does not help, this is a mistake of the portal."
            )
    permissions.prove_withdrawals(lake)
    return _summed(counts.values())


def _cpos(lake: Lake, module: str) -> list[str]:
    return sorted({delivery.cpo for delivery in lake.judged(module)})


def _summed(counts: Iterable[Any]) -> dict[str, int]:
    """The whole numbers of several dataclasses, added up by name."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update({name: number for name, number in vars(one).items() if isinstance(number, int)})
    return dict(total)


@_reads_tables
def compute_kpis(lake: Lake, register: Mapping[str, Cpo], *, anew: bool = False) -> dict[str, int]:
    """Compute every KPI of the months of which anything changed, or of all of them anew; says how many there are and were
    reckoned. Raises OtherRegister."""
    check_register(lake, register)
    with lake.lock("publish"):
        return reckoning.compute_kpis(lake, anew=anew)


@_reads_tables
def publish(
    lake: Lake, register: Mapping[str, Cpo], areas: Areas, database: RegisterDatabase | None = None
) -> dict[str, int]:
    """Build linda.duckdb aside and swap it in; says how many rows each table has. Raises OtherRegister.

    `database`: the register whose cases and location reports are copied into it.
    """
    check_register(lake, register)
    with lake.lock("publish"):
        return publishing.publish(
            lake, rules=RULES, areas=areas, register=register, attempts=attempts_table(lake), followed=_copies(database)
        )


def _copies(database: RegisterDatabase | None) -> dict[str, Any] | None:
    if database is None:
        return None
    from linda_pipeline.cases.for_analysts import copies  # SQLAlchemy comes with it
    from linda_pipeline.location_desk.report_copies import report_copies

    return copies(database) | report_copies(database)
