"""The folder that Dagster calls home: its dagster.yaml, and the history opened by it.

Here: the one text of dagster.yaml. The project's own is this text for data/dagster; a folder that has none yet, such as the
demo's, gets it for itself, so that every home keeps the same house. Not here: where the history lies (history_storage.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

FILE = "dagster.yaml"
_NAME, _NAME_BEFORE = "linda_pipeline.orchestration.history_storage", "linda_pipeline.orchestration.storage"
_MADE_BEFORE = """storage:
  custom:
    module: linda_pipeline.orchestration.storage
    class: PortalStorage
    config:
      base_dir: {base}
telemetry:
  enabled: false
"""
"""What version 0.1.0 wrote into a folder that had none: it is made anew."""
_TEXT = """\
# How Dagster keeps house. Start it from this folder with DAGSTER_HOME naming it (docs/operator.md). Nothing here needs an
# edit: PostgreSQL is chosen by LINDA_POSTGRES_URL.
storage:
  custom:
    module: {name}
    class: PortalStorage
    config:
      base_dir: {base}
local_artifact_storage:
  module: dagster.core.storage.root
  class: LocalArtifactStorage
  config:
    base_dir: {base}
compute_logs:
  module: dagster.core.storage.local_compute_log_manager
  class: LocalComputeLogManager
  config:
    base_dir: {logs}

# Several CPOs at once, but one connection per CPO, and one process at a time on what all CPOs share.
concurrency:
  runs:
    max_concurrent_runs: 4
    tag_concurrency_limits:
      - key: dagster/partition/cpo
        value:
          applyLimitPerUniqueValue: true
        limit: 1
      - key: linda/shared
        limit: 1

# A run whose process was killed is marked failed within a minute and gives its place to the next.
run_launcher:
  module: linda_pipeline.orchestration.launcher
  class: WatchfulLauncher
run_monitoring:
  enabled: true
  start_timeout_seconds: 120
  cancel_timeout_seconds: 60
  max_resume_run_attempts: 0
  poll_interval_seconds: 30

# What the schedules and sensors did on each tick; runs themselves are tidied by the job tidy_history.
retention:
  schedule:
    purge_after_days: {{skipped: 35, failure: 400, success: 400}}
  sensor:
    purge_after_days: {{skipped: 3, failure: 90, success: 90}}

python_logs:
  python_log_level: INFO
telemetry:
  enabled: false
# Without this the interface asks every newcomer to sign up for a newsletter.
nux:
  enabled: false
"""


def house_text(folder: str) -> str:
    """dagster.yaml for a history that lies in a folder."""
    return _TEXT.format(name=_NAME, base=_quoted(folder), logs=_quoted(f"{folder}/compute_logs"))


def _quoted(path: str) -> str:
    return path if re.fullmatch(r"[a-z_/]+", path) else json.dumps(path)


@contextmanager
def instance_at(home: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's history by a folder's dagster.yaml, which is made where there is none."""
    home.mkdir(parents=True, exist_ok=True)
    file, own = home / FILE, str(home.absolute())
    before = file.read_text(encoding="utf-8") if file.exists() else None
    if before in (None, _MADE_BEFORE.format(base=json.dumps(own))):
        file.write_text(house_text(own), encoding="utf-8")
    elif before is not None and _NAME_BEFORE in before:
        file.write_text(before.replace(_NAME_BEFORE, _NAME), encoding="utf-8")
    with dg.DagsterInstance.from_config(str(home.absolute())) as instance:
        yield instance


def project_home() -> Path | None:
    """The folder whose dagster.yaml holds, if this process stands in it."""
    here = Path.cwd()
    return here if (here / FILE).exists() else None
