"""The process from which those of single CPOs are forked: it loads Dagster once, while the command itself is still loading.

Here: beginning it. Not here: what the processes do (side_by_side.py). Imports nothing that is slow.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver

CONTEXT = multiprocessing.get_context("forkserver")


def begin() -> None:
    """Begin it, if it does not run yet."""
    CONTEXT.set_forkserver_preload(["linda_pipeline.orchestration.side_by_side", "linda_pipeline.definitions"])
    forkserver.ensure_running()
