"""A run on the screen: deliveries through Dagster, CPOs side by side, with live progress and a table at the end.

Here: what `linda run` and `linda demo` show, on a terminal of 80 columns too. Not here: the work (stations, by way of
orchestration).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from linda_pipeline import following, stations
from linda_pipeline.commands.screen import print_note
from linda_pipeline.errors import Exit
from linda_pipeline.ledger.entry import find_judgement
from linda_pipeline.orchestration.home import instance_at, project_home
from linda_pipeline.orchestration.in_process import RunEnd, run_deliveries, run_publish
from linda_pipeline.orchestration.resource import Portal, listening
from linda_pipeline.orchestration.side_by_side import AT_ONCE, hush, run_side_by_side
from linda_pipeline.post.outbox import stuck
from linda_pipeline.pulling.shortfall import MEANING, how_to_pull_again
from linda_pipeline.register.of_lake import check_register, of_strangers
from linda_pipeline.settings import Settings, read_settings
from linda_pipeline.storage.lake import Delivery, Lake

_COLOURS = {"incomplete": "yellow", "judged again": "cyan"}
_OUTSIDE = (
    "Outside the window: their last_updated lies in another window, so they are kept in raw and are in none of these counts. "
    "An OCPI 2.1.1 server is asked for one day more on each side, so that some are usual there."
)
_BUCKETS = ("received", "accepted", "rejected", "identical", "held_back")


def run_on_screen(
    deliveries: Sequence[Delivery],
    out: Console,
    err: Console,
    portal: Portal | None = None,
    home: Path | None = None,
    at_once: int = AT_ONCE,
) -> Exit:
    """Run deliveries, so many CPOs at once, and publish; returns the exit code of the contract: the gravest there was."""
    portal = portal or Portal()
    settings = read_settings()
    lake = Lake(settings.lake, memory_limit=settings.memory_limit)
    portal.key()  # a missing key or area file, and a limit that is none, are told before anything is pulled
    portal.patience()
    portal.areas()
    register = portal.register()
    check_register(lake, register)
    for mended in stations.mend(lake):
        err.print(mended, markup=False, highlight=False, soft_wrap=True)
    postman = portal.postman(lake)  # a mail setting that is none is told now as well
    with closing(portal.register_database()) as database:  # what a killed run judged, and did not take in
        following.take_in_cases(lake, database, portal.moment(), postman)
    for noted in lake.noted:
        err.print(noted, markup=False, highlight=False, soft_wrap=True)
    print_note(of_strangers(lake, register))
    ends, judged_again = _run(deliveries, out, portal, home or _home(settings), at_once)
    more = [delivery for delivery in judged_again if delivery not in deliveries]
    out.print(deliveries_table(lake, [*deliveries, *more], ends, judged_again))
    for delivery, why in judged_again.items():
        out.print(f"{delivery.id} was judged again: {why}.", markup=False, highlight=False, soft_wrap=True)
    with closing(portal.register_database()) as database, database.reading() as session:
        said = stuck(session)
        if said is not None:
            err.print(said, markup=False, highlight=False, soft_wrap=True)
    for end in ends:
        if end.said:
            err.print(_last_words(lake, end), highlight=False, soft_wrap=True)
        if end.trace:
            err.print(end.trace, markup=False, highlight=False, soft_wrap=True)
    return max(end.code for end in ends)


def _last_words(lake: Lake, end: RunEnd) -> str:
    """What a run that did not end well has to say."""
    if end.delivery is None:
        return f"[bold red]publish[/]: {escape(end.said)}"
    if not end.is_incomplete:
        return f"[bold red]{escape(end.delivery.id)}[/]: {escape(end.said)}"
    entry = find_judgement(lake, end.delivery)
    counts = "An earlier pull, which is complete, still counts." if entry and entry.complete else MEANING
    told = f"{end.said} {counts} {how_to_pull_again(end.delivery)}"
    return f"[bold yellow]{escape(end.delivery.id)} is incomplete[/]: {escape(told)}"


def _home(settings: Settings) -> Path:
    """Where Dagster's history goes: DAGSTER_HOME, else the project's folder, else beside the lake."""
    return settings.dagster_home or project_home() or settings.lake.parent / "dagster"


def _run(
    deliveries: Sequence[Delivery], out: Console, portal: Portal, home: Path, at_once: int
) -> tuple[list[RunEnd], dict[Delivery, str]]:
    """Run deliveries, then judge again what asks for it; how each ended, and why some were judged again."""
    hush()
    from linda_pipeline.definitions import defs

    ends: list[RunEnd] = []
    asked: dict[Delivery, stations.Again] = {}
    with _Progress(out, len(deliveries) + 1) as progress, instance_at(home) as instance, listening(progress.heard):
        for end in run_side_by_side(instance, home, deliveries, portal, progress.heard, at_once):
            ends.append(end)
            progress.ended(end)

        def again() -> Iterator[Delivery]:
            """Each one when its turn comes: what is judged again changes what later ones are compared with."""
            for one in stations.judge_again_in_turn(portal.lake(), portal.register()):
                asked[one.delivery] = one
                progress.more(1)
                yield one.delivery

        judged: dict[Delivery, RunEnd] = {}

        def judge_again() -> bool:
            """Whether anything asked for it."""
            has_asked = False
            for end in run_deliveries(instance, defs, again(), portal, again=True):
                assert end.delivery is not None
                if asked[end.delivery].reason in (stations.AgainReason.NEVER, stations.AgainReason.PULLED):
                    # It was pulled, and its judging failed: this is another try of that.
                    ends[:] = [one for one in ends if one.delivery != end.delivery or not _is_of_judging(one)]
                judged[end.delivery] = end
                progress.ended(end)
                has_asked = True
            return has_asked

        judge_again()
        progress.stage("publish", "curating, computing KPIs, publishing")
        published = run_publish(instance, defs, portal)
        if published.said and judge_again():  # a table turned out to be damaged, and is mended
            published = run_publish(instance, defs, portal)
        progress.ended(published)
    return [*ends, *judged.values(), published], {delivery: one.why for delivery, one in asked.items()}


def _is_of_judging(end: RunEnd) -> bool:
    """Whether a run failed after its pull."""
    return end.state == "failed" and end.code != Exit.NOT_PULLED


class _Progress:
    """A bar for all, and a line for each delivery in hand: what has ended leaves the screen, so that it never overflows.

    Where the output is no terminal, each delivery that has ended is a line of its own.
    """

    def __init__(self, out: Console, total: int) -> None:
        self._out = out
        self._all = Progress(TextColumn("deliveries"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
        self._whole = self._all.add_task("", total=total)
        self._in_hand = Progress(SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.fields[what]}"))
        self._tasks: dict[str, TaskID] = {}
        self._live = Live(Group(self._all, self._in_hand), console=out, refresh_per_second=8)

    def __enter__(self) -> _Progress:
        if self._out.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def more(self, count: int) -> None:
        """There is more to do than was known."""
        self._all.update(self._whole, total=(self._all.tasks[0].total or 0) + count)

    def heard(self, delivery: Delivery, what: str, records: int) -> None:
        """How far a delivery is."""
        self.stage(delivery.id, f"{records:,} {what}")

    def stage(self, name: str, what: str) -> None:
        """What is being done."""
        if name not in self._tasks:
            self._tasks[name] = self._in_hand.add_task(name, total=None, what="")
        self._in_hand.update(self._tasks[name], what=what)

    def ended(self, end: RunEnd) -> None:
        """A delivery, or publishing, has ended."""
        name = end.delivery.id if end.delivery else "publish"
        if name in self._tasks:
            self._in_hand.remove_task(self._tasks.pop(name))
        self._all.advance(self._whole)
        if not self._out.is_terminal:
            self._out.print(f"{name}: {end.state}", markup=False, highlight=False, soft_wrap=True)


def deliveries_table(
    lake: Lake, deliveries: Sequence[Delivery], ends: Iterable[RunEnd], judged_again: Collection[Delivery] = ()
) -> Table:
    """What was received, and in which bucket it fell, per delivery; below its id how it ended, where it is not whole, and
    how many records came that lie outside its window.

    Numbers are never cut off: on a terminal that is too narrow the ids are folded.
    """
    states = dict.fromkeys(judged_again, "judged again") | {end.delivery: end.state for end in ends if end.said}
    table = Table(
        title="Deliveries",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("delivery", overflow="fold")
    for name in _BUCKETS:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    for delivery in deliveries:
        judgement = find_judgement(lake, delivery)
        counts = judgement.main.as_dict() if judgement else {}
        state = states.get(delivery)
        colour = _COLOURS.get(state or "", "bold red")
        below = [f"[{colour}]{state}[/]"] if state else []
        if judgement and judgement.outside_window:
            below.append(f"{judgement.outside_window:,} outside the window")
            table.caption, table.caption_justify = _OUTSIDE, "left"
        table.add_row(
            "\n  ".join([delivery.id, *below]),
            *(f"{counts[name]:,}" if counts else "–" for name in _BUCKETS),
        )
    return table
