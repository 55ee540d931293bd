"""`linda demo`: the whole main job on simulated CPOs that speak OCPI over real HTTP on this machine.

Here: the simulators, a register and settings of their own, a clock that stands still, and what to look at afterwards. Not
here: anything that a run of real CPOs would not do as well.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from linda_pipeline.calendar import local_date
from linda_pipeline.commands.on_screen import run_on_screen
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.settings import environment_to_hand_on, take_over
from linda_pipeline.simulator.demo_cpos import CPOS, PULLED_AT, WINDOWS, register_text
from linda_pipeline.simulator.process import SimulatedCpo
from linda_pipeline.storage.lake import Delivery

DEMO_KEY = "11" * 32
"""The demo's pseudonym key is public, so that two runs give the same bytes. A portal has its own, and keeps it."""
AREAS = Path(__file__).parents[2] / "data" / "reference" / "areas"


def run_demo(to: Path, out: Console) -> int:
    """Run the demo into a folder; returns the exit code."""
    if not AREAS.is_dir():
        raise InputMistake(
            "The demo needs the project's folder data/reference/areas: run it from a clone of the repository."
        )
    out.print("Starting four simulated CPOs, each a process of its own that speaks OCPI on this machine …")
    with ExitStack() as stack:
        simulators = {cpo.key: SimulatedCpo(cpo.plan, cpo.token) for cpo in CPOS}
        for simulator in simulators.values():
            stack.callback(simulator.stop)
            simulator.start()
        for simulator in simulators.values():
            simulator.wait_until_ready()
        to.mkdir(parents=True, exist_ok=True)
        register = to / "cpos.toml"
        register.write_text(register_text({key: one.versions_url for key, one in simulators.items()}), encoding="utf-8")
        take_over(
            environment_to_hand_on()
            | {
                "LINDA_LAKE": str(to / "lake"),
                "LINDA_CPOS": str(register),
                "LINDA_AREAS": str(AREAS),
                "LINDA_PSEUDONYM_KEY": DEMO_KEY,
                **{"LINDA_TOKEN_" + cpo.key.replace("-", "_"): cpo.token for cpo in CPOS},
            }
        )
        permitted = [cpo.key for cpo in CPOS if cpo.document is not None]
        night = local_date(PULLED_AT)
        deliveries = [Delivery("locations", key, night) for key in permitted]
        deliveries += [Delivery("cdrs", key, window) for key in permitted for window in WINDOWS]
        portal = Portal(now=PULLED_AT.isoformat())
        code = run_on_screen(deliveries, out, console(stderr=True), portal, (to / "dagster").absolute())
        for cpo in CPOS:
            if cpo.document is None:
                out.print(_never_asked(cpo.key, simulators[cpo.key].requests()))
    if code == Exit.FINE:
        out.print(_where_to_look(to, permitted), highlight=False, soft_wrap=True)
    return code


def _never_asked(key: str, requests: list[str]) -> str:
    if requests:
        raise AssertionError(f"{key} has no permission, but was asked {len(requests)} times")
    return f"{key} has no permission of a data owner: its server was asked 0 times."


def _where_to_look(to: Path, permitted: list[str]) -> str:
    careless = to / "lake" / "reports" / "cdrs" / f"cpo={permitted[-1]}" / f"window={WINDOWS[-1]}"
    return (
        "\nOpen next:\n"
        f"  a quality report        {careless / 'rapport.html'}\n"
        f"  the same in English     {careless / 'report.html'}\n"
        f"  every rejected record   {careless / 'rejected.jsonl.gz'}\n"
        f'  KPIs and CDRs in SQL    LINDA_LAKE={to / "lake"} linda sql "SELECT * FROM kpi LIMIT 10"\n'
        f"  the runs in Dagster     DAGSTER_HOME={(to / 'dagster').absolute()} dagster dev -m linda_pipeline.definitions\n"
    )
