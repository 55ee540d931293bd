"""`linda demo`: the whole main job on simulated CPOs that speak OCPI over real HTTP on this machine.

Here: the simulators, a register and settings of their own, a clock that stands still, and what to look at afterwards. Not
here: anything that a run of real CPOs would not do as well.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import tomllib
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from rich.console import Console

from linda_pipeline import following, stations
from linda_pipeline.calendar import local_date
from linda_pipeline.commands.on_screen import run_on_screen
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.settings import environment_to_hand_on, take_over
from linda_pipeline.simulator.demo_cpos import CLOCK_MOVES_ON_TO, CPOS, PULLED_AT, PULLED_ON, WINDOWS, register_text
from linda_pipeline.simulator.process import SimulatedCpo
from linda_pipeline.storage.lake import Delivery

DEMO_KEY = "11" * 32
"""The demo's pseudonym key is public, so that two runs give the same bytes. A portal has its own, and keeps it."""
SETTINGS = "settings.sh"
"""The file in the demo's folder with its settings, for a shell."""
KPI_QUERY = (
    "FROM kpi SELECT month, area_code, value, sessions, coverage, status "
    "WHERE kpi_id = 'occupancy' AND cpo = 'ALL' AND area_level = 'gemeente' ORDER BY ALL"
)
_KEPT = frozenset({"LINDA_POSTGRES_URL", "LINDA_TRACEBACK"})
"""Dagster's history may go to the same server, and a traceback changes nothing."""
AREAS = Path(__file__).parents[2] / "data" / "reference" / "areas"


def run_demo(to: Path, out: Console) -> int:
    """Run the demo into a folder; returns the exit code."""
    if not AREAS.is_dir():
        raise InputMistake(
            "The demo needs the project's folder data/reference/areas: run it from a clone of the repository."
        )
    _keep_other_registers(to / "cpos.toml")
    *versions, last = sorted({cpo.plan.ocpi for cpo in CPOS})
    spoken = f"{', '.join(versions)} and {last}"
    out.print(f"Starting {len(CPOS)} simulated CPOs that speak OCPI {spoken} over HTTP on this machine …")
    with ExitStack() as stack:
        simulators = {cpo.key: SimulatedCpo(cpo.plan, cpo.token) for cpo in CPOS}
        for simulator in simulators.values():
            stack.callback(simulator.stop)
            simulator.start()
        for simulator in simulators.values():
            simulator.wait_until_ready()
        urls = {key: one.versions_url for key, one in simulators.items()}
        (to / "cpos.toml").write_text(register_text(urls), encoding="utf-8")
        (to / "profile.toml").write_text(
            "# The demo changes nothing of the profile that is built in.\n", encoding="utf-8"
        )
        own = _settings(to)
        (to / SETTINGS).write_text(_settings_text(to, own), encoding="utf-8")
        tokens = {"LINDA_TOKEN_" + cpo.key.replace("-", "_"): cpo.token for cpo in CPOS}
        others = {name: value for name, value in environment_to_hand_on().items() if not _is_another_portals(name)}
        take_over(others | own | tokens)
        permitted = [cpo.key for cpo in CPOS if cpo.document is not None]
        night = local_date(PULLED_AT)
        deliveries = [Delivery("locations", key, night) for key in permitted]
        deliveries += [Delivery("cdrs", key, window) for key in permitted for window in WINDOWS]
        clocks = {str(window): moment.isoformat() for window, moment in PULLED_ON.items()}
        portal = Portal(now=PULLED_AT.isoformat(), pulled_on=clocks)
        code = run_on_screen(deliveries, out, console(stderr=True), portal, (to / "dagster").absolute())
        for cpo in CPOS:
            if cpo.document is None:
                out.print(_never_asked(cpo.key, simulators[cpo.key].requests()))
    if code == Exit.FINE:
        out.print(_moved_on(portal), soft_wrap=True)
        out.print(_where_to_look(to, permitted), highlight=False, soft_wrap=True)
    return code


def _moved_on(portal: Portal) -> str:
    """What is overdue once the clock has moved on, told to its CPO and published as well."""
    later = Portal(now=CLOCK_MOVES_ON_TO.isoformat(), pulled_on=portal.pulled_on)
    lake = later.lake()
    with closing(later.register_database()) as database:
        overdue = following.take_in_cases(lake, database, later.moment(), later.postman(lake))["overdue"]
        later.remind(database)
        later.send_mails(database)
        stations.publish(lake, later.register(), later.areas(), database)
    return (
        f"The clock moves on to {local_date(CLOCK_MOVES_ON_TO)}, a day after the four weeks for the first window: {overdue} "
        "cases of rejected CDRs are overdue, and their CPOs get a mail."
    )


def _keep_other_registers(path: Path) -> None:
    """Raises InputMistake where a register stands in the demo's place that is not the demo's: it would be written over."""
    try:
        known = tomllib.loads(path.read_text(encoding="utf-8")).get("cpo", {})
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        known = None
    if not isinstance(known, dict) or not known.keys() <= {cpo.key for cpo in CPOS}:
        raise InputMistake(
            f"{path} is a register of other CPOs, and the demo writes its own there. Give --out another folder."
        )


def _never_asked(key: str, requests: list[str]) -> str:
    if requests:
        raise AssertionError(f"{key} has no permission, but was asked {len(requests)} times")
    return f"{key} has no permission of a data owner: its server was asked 0 times."


def _settings(to: Path) -> dict[str, str]:
    """The demo's own settings, so that it touches nothing of a real portal."""
    return {
        "LINDA_LAKE": str(to / "lake"),
        "LINDA_CPOS": str(to / "cpos.toml"),
        "LINDA_AREAS": str(AREAS),
        "LINDA_PROFILE": str(to / "profile.toml"),
        "LINDA_PLACES": str(to / "places.csv"),  # there is none
        "LINDA_PSEUDONYM_KEY": DEMO_KEY,
        "LINDA_ALERT_FILE": str(to / "alerts.jsonl"),
    }


def _is_another_portals(name: str) -> bool:
    """Whether a variable belongs to the portal of this shell: its places, secrets and alerts are not the demo's."""
    return name.startswith("LINDA_") and name not in _KEPT


def _settings_text(to: Path, own: Mapping[str, str]) -> str:
    """A file that a shell reads with `.` to look at the demo with any command."""
    kept = "|".join(sorted(_KEPT))
    values = {**own, "DAGSTER_HOME": str((to / "dagster").absolute())}
    return (
        "# The demo's own lake, register, alerts and history, and none of the settings of a real portal. Read it in a\n"
        f"# shell of its own: (. {_place(to / SETTINGS)} && linda deliveries)\n"
        "for one in $(env | sed -n 's/^\\(LINDA_[A-Z0-9_]*\\)=.*/\\1/p' | "
        f"grep -v -x -E '{kept}'); do unset \"$one\"; done\n"
        + "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    )


def _where_to_look(to: Path, permitted: list[str]) -> str:
    careless = to / "lake" / "reports" / "cdrs" / f"cpo={permitted[-1]}" / f"window={WINDOWS[-1]}"
    linda, dagster = _typed("linda", "linda_pipeline.cli"), _typed("dagster", "dagster")
    return f"""
Open next
  a quality report for a CPO (report.html beside it is in English):
    {_place(careless / "rapport.html")}
  every rejected record as received, with its findings:
    {_place(careless / "rejected.jsonl.gz")}
  what its CPO is to deliver again, and what is overdue:
    LINDA_LAKE={_place(to / "lake")} {linda} cases --state overdue --rows 20
  the mails that its CPOs got, each a file that a mail program opens (*.eml):
    {_place(to / "outbox")}
  a KPI per municipality, with the part of the month that is in (coverage):
    LINDA_LAKE={_place(to / "lake")} {linda} sql "{KPI_QUERY}"
  the runs in Dagster, at http://localhost:3000 (the CPOs have gone by then):
    (. {_place(to / SETTINGS)} && {dagster} dev -h 127.0.0.1 -m linda_pipeline.definitions)
"""


def _typed(name: str, module: str) -> str:
    """A command as it can be typed here: by its name only where that is on the PATH."""
    python = Path(sys.executable)
    command = python.with_name(name)
    on_path = shutil.which(name)
    if on_path is not None and Path(on_path).resolve() == command.resolve():
        return name
    return _place(command) if command.exists() else f"{_place(python)} -m {module}"


def _place(path: Path) -> str:
    """A path as a shell reads it, from here where it lies below."""
    absolute = path.absolute()
    return shlex.quote(str(absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute))
