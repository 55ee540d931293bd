"""Dagster's own launcher, and what it lacks: whether the process of a run still lives.

Here: the answer that run monitoring asks for, so that a run whose worker was killed is marked failed and frees its place.
Not here: starting processes (Dagster's).
"""

from __future__ import annotations

import os
from pathlib import Path

from dagster import DagsterEventType, DagsterRun
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

_SLACK_S = 60.0
"""A process that began later than this after the event that names it is another one with the same number."""


class WatchfulLauncher(DefaultRunLauncher):
    """Starts each run as a process on this machine, and can tell whether that process still lives."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Run monitoring may ask."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Look for the process that the run's newest engine event names. Where none is named yet: unknown, so alive."""
        events = self._instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT)
        for entry in reversed(list(events)):
            event = entry.dagster_event
            named = event.engine_event_data.metadata.get("pid") if event else None
            if named is not None and str(named.value).isdigit():
                pid = int(str(named.value))
                if is_alive(pid, entry.timestamp):
                    break
                return CheckRunHealthResult(
                    WorkerStatus.FAILED, f"the process {pid} that carried it out is no longer there"
                )
        return CheckRunHealthResult(WorkerStatus.RUNNING)


def is_alive(pid: int, named_at: float) -> bool:
    """Whether a process lives that was there at a moment (seconds since 1970), and is not another one by now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    status = Path(f"/proc/{pid}/stat")
    try:
        fields = status.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        boot = next(
            int(line.split()[1]) for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime ")
        )
    except (OSError, StopIteration):
        return True  # no Linux: the number alone must do
    began = boot + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return fields[0] != "Z" and began <= named_at + _SLACK_S
