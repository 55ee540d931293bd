"""CPOs side by side: each one's deliveries in a process of its own, one after another, and so many processes at once.

Here: the processes, what they tell, and that none outlives the one that started it. Not here: a run (in_process.py) and what
is shown of it (commands.on_screen). Processes, because runs of Dagster in threads of one process lock each other out.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import uuid
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType

import dagster as dg

from linda_pipeline.errors import Exit
from linda_pipeline.orchestration.forks import CONTEXT, begin
from linda_pipeline.orchestration.home import instance_at
from linda_pipeline.orchestration.in_process import RunEnd, run_deliveries
from linda_pipeline.orchestration.partitions import OPEN, register_deliveries
from linda_pipeline.orchestration.resource import Listener, Portal, listening
from linda_pipeline.settings import environment_to_hand_on, take_over
from linda_pipeline.storage.lake import Delivery

AT_ONCE = 4
"""How many CPOs side by side, unless told otherwise; as many as the runs that dagster.yaml allows."""
_WORKER = "linda/worker"
"""The tag by which the runs of one process are found again when it is gone."""
_STOPS_WITHIN_S = 15.0
_STOPPED = "The command was interrupted. Run it again: a pull goes on where it stood."

_STOP = signal.SIGUSR1
"""Not SIGINT: Dagster catches that one, and the run would end as cancelled without saying why."""


class Stopped(BaseException):
    """The command was interrupted; the run in hand is closed in the history as failed, with this as its reason."""


@dataclass(frozen=True)
class _Heard:
    """How far a delivery is."""

    delivery: Delivery
    what: str
    records: int


@dataclass
class _Worker:
    """A process that works for one CPO, and what it has still to tell of."""

    name: str
    process: ForkServerProcess
    inbox: connection.Connection[object, object]
    left: list[Delivery]


def run_side_by_side(
    instance: dg.DagsterInstance,
    home: Path,
    deliveries: Sequence[Delivery],
    portal: Portal,
    heard: Listener,
    at_once: int = AT_ONCE,
) -> Iterator[RunEnd]:
    """Run deliveries, those of a CPO in their order and the CPOs side by side; yields each end when it is there.

    `home` is the folder of `instance`, which every process opens for itself. Whatever ends this generator ends the processes.
    """
    begin()
    register_deliveries(instance, deliveries)
    waiting: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        waiting.setdefault(delivery.cpo, []).append(delivery)
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < at_once:
                workers.append(_started(home, waiting.pop(next(iter(waiting))), portal))
            ready = connection.wait([worker.inbox for worker in workers])
            for worker in [worker for worker in workers if worker.inbox in ready]:
                try:
                    message = worker.inbox.recv()
                except (EOFError, ConnectionError):
                    workers.remove(worker)
                    yield from _ended(instance, worker)
                    continue
                if isinstance(message, RunEnd) and message.delivery is not None:
                    worker.left.remove(message.delivery)
                    yield message
                elif isinstance(message, _Heard):
                    heard(message.delivery, message.what, message.records)
    finally:
        _stop(instance, workers)


def _started(home: Path, deliveries: list[Delivery], portal: Portal) -> _Worker:
    name = uuid.uuid4().hex
    inbox, outbox = CONTEXT.Pipe(duplex=False)
    # The environment goes along because processes begin in the state of the first one; keys so stay out of any list.
    process = CONTEXT.Process(
        target=_work,
        args=(
            outbox,
            name,
            home.absolute(),
            deliveries,
            (portal.now, portal.pulled_on),
            environment_to_hand_on(),
            Path.cwd(),
        ),
        daemon=True,
    )
    process.start()
    outbox.close()
    return _Worker(name, process, inbox, list(deliveries))


def _ended(instance: dg.DagsterInstance, worker: _Worker) -> Iterator[RunEnd]:
    """What is to be said of deliveries that a process left behind: nothing, where it did its work."""
    worker.process.join(_STOPS_WITHIN_S)
    if not worker.left:
        return
    code = worker.process.exitcode
    why = f"by signal {-code}" if code is not None and code < 0 else f"with code {code}"
    memory = ", as happens where memory runs out" if code == -signal.SIGKILL else ""
    said = (
        f"The process that worked for {worker.left[0].cpo} was ended {why}{memory}. "
        "Nothing half-done is kept; run it again, and a pull goes on where it stood."
    )
    _close_runs(instance, worker, said)
    for delivery in worker.left:
        yield RunEnd(delivery, Exit.OURS, said)


def _close_runs(instance: dg.DagsterInstance, worker: _Worker, why: str) -> None:
    """Close in the history what a process that is gone left open."""
    for record in instance.get_run_records(dg.RunsFilter(tags={_WORKER: worker.name}, statuses=OPEN)):
        instance.report_run_failed(record.dagster_run, why)


def _stop(instance: dg.DagsterInstance, workers: list[_Worker]) -> None:
    """Stop processes; those that do not end are killed."""
    for worker in workers:
        if worker.process.pid is not None and worker.process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.process.pid, _STOP)
    for worker in workers:
        worker.process.join(_STOPS_WITHIN_S)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.inbox.close()
        _close_runs(instance, worker, _STOPPED)


def _work(
    outbox: connection.Connection[object, object],
    name: str,
    home: Path,
    deliveries: list[Delivery],
    clock: tuple[str | None, dict[str, str]],
    environment: dict[str, str],
    folder: Path,
) -> None:
    """The whole life of a process."""
    os.setpgid(0, 0)  # Ctrl-C reaches the one that started us, and it tells us
    os.chdir(folder)
    take_over(environment)
    hush()
    signal.signal(_STOP, _be_stopped)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from linda_pipeline.definitions import defs

    def heard(delivery: Delivery, what: str, records: int) -> None:
        outbox.send(_Heard(delivery, what, records))

    with contextlib.suppress(Stopped, BrokenPipeError), listening(heard), instance_at(home) as instance:
        for end in run_deliveries(
            instance, defs, deliveries, Portal(now=clock[0], pulled_on=clock[1]), tags={_WORKER: name}
        ):
            outbox.send(end)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), _STOP)


def _be_stopped(number: int, frame: FrameType | None) -> None:
    signal.signal(_STOP, signal.SIG_IGN)  # once is enough
    raise Stopped(_STOPPED)


def hush() -> None:
    """Keep Dagster's own messages off the screen: what a person needs to know is said by the command."""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    logging.getLogger().setLevel(logging.ERROR)  # where its PostgreSQL part tells of every try to connect
    warnings.filterwarnings("ignore", module="dagster")
