"""The jobs run in this process, for `linda run` and `linda demo`: the same assets, the same history, no daemon needed.

Here: one Dagster run per delivery, then one for what is shared; a failed delivery never stops another. Not here: CPOs side
by side (side_by_side.py), and what is shown on the screen (running.py).
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from linda_pipeline.errors import Exit, exit_code, sentence
from linda_pipeline.orchestration.failing import ATTENDED
from linda_pipeline.orchestration.jobs import AGAIN_BY_MODULE, BY_MODULE, PUBLISH
from linda_pipeline.orchestration.partitions import partition_key, register_deliveries
from linda_pipeline.orchestration.portal import Portal
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Delivery

_HOUSE = """storage:
  custom:
    module: linda_pipeline.orchestration.storage
    class: PortalStorage
    config:
      base_dir: {0}
telemetry:
  enabled: false
"""
_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Outcome:
    """How a run ended, told so that it can come from another process: `said` is what went wrong, as a person reads it."""

    delivery: Delivery | None
    code: Exit = Exit.FINE
    said: str = ""
    trace: str = ""
    """The traceback, where the mistake is ours and LINDA_TRACEBACK asks for it."""

    @classmethod
    def of(cls, delivery: Delivery | None, failure: BaseException | None) -> Outcome:
        """The outcome of a run that ended well (None) or with a failure of the road."""
        if failure is None:
            return cls(delivery)
        code = exit_code(failure)
        is_asked = code == Exit.OURS and read_settings().traceback
        return cls(delivery, code, sentence(failure), "".join(traceback.format_exception(failure)) if is_asked else "")


@contextmanager
def instance_at(home: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's history by a folder's dagster.yaml; where there is none, one is made: SQLite files in the folder, or the
    server of LINDA_POSTGRES_URL."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        (home / "dagster.yaml").write_text(_HOUSE.format(json.dumps(str(home.absolute()))), encoding="utf-8")
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home.absolute()))) as instance:
        yield instance


def run_deliveries(
    instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    deliveries: Iterable[Delivery],
    portal: Portal,
    *,
    again: bool = False,
    tags: Mapping[str, str] | None = None,
) -> Iterator[Outcome]:
    """Run deliveries one after the other; yields each outcome when it is there. `again`: judge only, without a pull.

    `tags` are given to every run, beside its own.
    """
    jobs = AGAIN_BY_MODULE if again else BY_MODULE
    for delivery in deliveries:
        register_deliveries(instance, [delivery])
        yield Outcome.of(
            delivery,
            _run(
                instance,
                definitions,
                jobs[delivery.module],
                portal,
                partition_key=partition_key(delivery),
                tags={"linda/delivery": delivery.id, **(tags or {})},
            ),
        )


def run_publish(instance: dg.DagsterInstance, definitions: dg.Definitions, portal: Portal) -> Outcome:
    """Run what follows once for all CPOs."""
    return Outcome.of(None, _run(instance, definitions, PUBLISH.name, portal))


def _run(
    instance: dg.DagsterInstance, definitions: dg.Definitions, job: str, portal: Portal, **how: Any
) -> BaseException | None:
    tags = {**how.pop("tags", {}), ATTENDED: "yes"}
    try:
        definitions.resolve_job_def(job).execute_in_process(
            instance=instance, resources={"portal": portal}, run_config=_QUIET, raise_on_error=True, tags=tags, **how
        )
    except dg.Failure as failure:
        return failure.__cause__ or failure  # as it was raised in the road: its type says whose it is
    except Exception as failure:  # whatever a run raises belongs to that run; the caller tells it apart by its type
        return failure
    return None
