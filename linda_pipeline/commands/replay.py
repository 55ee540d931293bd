"""`linda replay`: stored raw deliveries judged again, and what that would change.

Here: options and the tables on the screen. Not here: the judging and the comparison (judging.shadow).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from linda_pipeline import following, means, stations
from linda_pipeline.commands.choices import check_cpo_of_lake
from linda_pipeline.commands.listing import Field, Format, number, print_listing, print_table
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import InputMistake
from linda_pipeline.judging.shadow import NewFailure, ReplayOutcome
from linda_pipeline.judging.shadow import replay as replay_deliveries
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import MODULES, Delivery, Lake

_DAY = ["%Y-%m-%d"]
_RULES = (
    *(Field("cpo", "CPO"), Field("object"), Field("severity"), Field("rule")),
    *(number("now"), number("then"), Field("difference", shown=lambda value: f"{value:+,}", right=True)),
)
_RECORDS = (
    *(Field(name) for name in ("CPO", "records")),
    *(Field(name, right=True) for name in ("accepted", "rejected", "identical", "held back")),
)


def replay(
    profile: Annotated[
        Path | None,
        typer.Option(help="A draft to try (TOML): one change, or a whole profile.toml, of which the newest is tried."),
    ] = None,
    cpo: Annotated[list[str] | None, typer.Option(help="A CPO of the register; may be repeated.")] = None,
    module: Annotated[str, typer.Option(help="cdrs, locations or all.")] = "all",
    start: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First window or night.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last window or night.")] = None,
    failing: Annotated[
        Path | None, typer.Option(help="Write a CSV of every record that stands accepted and would be refused.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Put the new judgements in the place of the old ones.")
    ] = False,
    form: Annotated[
        Format, typer.Option("--format", help="table, or the findings per CPO and rule as json or csv for machines.")
    ] = Format.TABLE,
) -> None:
    """Judge stored raw deliveries again under another profile or after a rule was mended; without --apply nothing changes."""
    out = console(stderr=form is not Format.TABLE)
    settings = read_settings()
    lake = Lake(settings.lake, memory_limit=settings.memory_limit)
    register, areas = means.cpos(settings), means.areas(settings)
    profiles = means.profiles(settings, register)
    if profile is not None:
        profiles = means.trying(profiles, profile)
    for one in cpo or []:
        check_cpo_of_lake(one, register, lake, settings.cpos)
    chosen = _chosen(lake, cpo, module, start, until)
    unknown = sorted({one.cpo for one in chosen} - register.keys())
    if unknown:
        raise InputMistake(
            f"Not in the register of CPOs: {', '.join(unknown)}. Add the block, or name others with --cpo."
        )
    with out.status("") as status:
        done = 0

        def heard(delivery: Delivery) -> None:
            nonlocal done
            done += 1
            status.update(f"{done} of {len(chosen)} deliveries judged again: {delivery.id}")

        with replay_deliveries(
            lake,
            register,
            chosen,
            areas=areas,
            key=means.key(settings),
            profiles=profiles,
            places=means.places(settings),
            on_delivery=heard,
        ) as replayed:
            outcome = replayed.outcome
            if failing is not None:
                _write(failing, replayed.newly_failing())
            if apply:
                replayed.apply()
    show(outcome, out, form)
    if failing is not None:
        out.print(f"Every record that would be refused anew: {failing}", highlight=False, soft_wrap=True, markup=False)
    if not apply:
        out.print("Nothing was changed. Add --apply to put these judgements in the place of the old ones.")
        return
    for delivery in _told_anew(lake, outcome.changed):
        name = register[delivery.cpo].name if delivery.cpo in register else delivery.cpo
        stations.report(lake, delivery, cpo_name=name)
    with closing(means.register_database(settings)) as database:
        following.take_in_cases(lake, database, datetime.now(UTC).replace(microsecond=0))
        if outcome.changed:
            stations.curate_locations(lake, areas)
            stations.curate_cdrs(lake, areas)
            stations.compute_kpis(lake, register)
            stations.publish(lake, register, areas, database)
    out.print(
        f"Applied: {len(outcome.changed)} deliveries, with their reports and cases, the curated data and the KPIs."
    )


def _write(path: Path, failures: Iterable[NewFailure]) -> None:
    """Write the records that would be refused anew, one line each, for machines (RFC 4180)."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["cpo", "delivery_id", "object", "id", "page", "position", "rules"])
            for one in failures:
                place = (one.object, one.id, one.page, one.position)
                writer.writerow([one.delivery.cpo, one.delivery.id, *place, " ".join(one.rules)])
    except OSError as error:
        raise InputMistake(f"{path} cannot be written ({error.strerror}). Give another --failing.") from None


def _chosen(
    lake: Lake, cpos: list[str] | None, module: str, start: datetime | None, until: datetime | None
) -> list[Delivery]:
    if module not in (*MODULES, "all"):
        raise InputMistake(f"--module is cdrs, locations or all, not {module!r}.")
    chosen = [
        delivery
        for one in MODULES
        if module in (one, "all")
        for delivery in lake.judged(one)
        if (not cpos or delivery.cpo in cpos)
        and (start is None or delivery.window >= start.date())
        and (until is None or delivery.window <= until.date())
    ]
    if not chosen:
        raise InputMistake("No delivery that was judged fits these options, so there is nothing to judge again.")
    return chosen


def _told_anew(lake: Lake, changed: Sequence[Delivery]) -> list[Delivery]:
    """The deliveries whose report is written anew: what changed, and all that came later, which is told beside it."""
    since: dict[str, date] = {}
    for one in changed:
        since[one.module] = min(one.window, since.get(one.module, one.window))
    return [one for module, first in since.items() for one in lake.judged(module) if one.window >= first]


def show(outcome: ReplayOutcome, out: Console, form: Format) -> None:
    """Print what a replay would change, per CPO and rule; for machines just that, and what else there is to say beside it."""
    out.print(f"{outcome.deliveries} deliveries judged again; {len(outcome.changed)} would differ.")
    rules = [
        (one.cpo, one.object, one.severity, one.rule, one.before, one.after, one.after - one.before)
        for one in outcome.rules
    ]
    if form is not Format.TABLE:
        print_listing(console(), _RULES, rules, form, title="", none="")
    elif rules:
        out.print("Findings per CPO and rule", style="bold")
        print_table(out, _RULES, rules, "Choose a CPO with --cpo, a module with --module.")
    records = [
        (cpo, kind, *(f"{old:,} → {new:,}" if old != new else f"{old:,}" for old, new in buckets.values()))
        for (cpo, kind), buckets in sorted(outcome.buckets.items())
        if any(old != new for old, new in buckets.values())
    ]
    if records:
        out.print("Records", style="bold")
        print_table(out, _RECORDS, records, "Choose a CPO with --cpo, a module with --module.")
    for said, ids in (("accepted then", outcome.newly_accepted), ("refused then", outcome.newly_rejected)):
        for cpo, some in sorted(ids.items()):
            if some and ids is outcome.newly_rejected:
                out.print(f"{cpo}: {outcome.newly_failing[cpo]:,} records that stand accepted would be refused.")
            if some:
                out.print(f"{cpo}, {said}, for instance: {', '.join(some)}", highlight=False, markup=False)
