"""The process from which those of single CPOs are forked: it loads Dagster once, while the command itself is still loading.

Here: beginning it. Not here: what the processes do (side_by_side.py). Imports nothing that is slow.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver

CONTEXT = multiprocessing.get_context("forkserver")
_LOADED = [
    "linda_pipeline.orchestration.side_by_side",
    "linda_pipeline.definitions",
    # What opening the history loads late, a second for every CPO; where a name is no more, nothing is lost but that second.
    "alembic.command",
    "dagster._core.storage.sqlite_storage",
    "dagster._core.storage.local_compute_log_manager",
    "dagster._core.launcher.default_run_launcher",
]


def begin() -> None:
    """Begin it, if it does not run yet."""
    CONTEXT.set_forkserver_preload(_LOADED)
    forkserver.ensure_running()
