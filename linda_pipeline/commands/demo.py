"""`linda demo`: the options of the demo, before anything heavy is loaded.

Here: where it goes. Not here: the demo itself (demo_run.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from linda_pipeline.commands.choices import make_out
from linda_pipeline.commands.screen import console
from linda_pipeline.orchestration.forks import begin


def demo(
    to: Annotated[Path, typer.Option("--out", help="Where the demo's lake and history go.")] = Path("data/demo"),
) -> None:
    """See the whole main job on simulated CPOs over real HTTP: pull, judge, report, curate, KPIs. About a minute."""
    make_out(to)
    begin()
    from linda_pipeline.commands.demo_run import run_demo

    raise typer.Exit(run_demo(to, console()))
