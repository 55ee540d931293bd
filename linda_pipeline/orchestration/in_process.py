"""The jobs run in this process, for `linda run` and `linda demo`: the same assets, the same history, no daemon needed.

Here: one Dagster run per delivery, then one for what is shared; a failed delivery never stops another. Not here: what is
shown on the screen (cli).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from linda_pipeline.lake import Delivery
from linda_pipeline.orchestration.jobs import BY_MODULE, PUBLISH
from linda_pipeline.orchestration.partitions import partition_key, register_deliveries
from linda_pipeline.orchestration.portal import Portal

_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `failure` is what went wrong, as it was raised, or None."""

    delivery: Delivery | None
    failure: BaseException | None = None


@contextmanager
def instance_at(home: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's history in a folder: by its dagster.yaml where there is one, else in SQLite files in the folder."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home.absolute()))) as instance:
        yield instance


def run_deliveries(
    instance: dg.DagsterInstance, definitions: dg.Definitions, deliveries: Iterable[Delivery], portal: Portal
) -> Iterator[Outcome]:
    """Run deliveries one after the other; yields each outcome when it is there."""
    for delivery in deliveries:
        register_deliveries(instance, [delivery])
        yield Outcome(
            delivery,
            _run(
                instance,
                definitions,
                BY_MODULE[delivery.module],
                portal,
                partition_key=partition_key(delivery),
                tags={"linda/cpo": delivery.cpo, "linda/delivery": delivery.id},
            ),
        )


def run_publish(instance: dg.DagsterInstance, definitions: dg.Definitions, portal: Portal) -> Outcome:
    """Run what follows once for all CPOs."""
    return Outcome(None, _run(instance, definitions, PUBLISH.name, portal))


def _run(
    instance: dg.DagsterInstance, definitions: dg.Definitions, job: str, portal: Portal, **how: Any
) -> BaseException | None:
    try:
        definitions.resolve_job_def(job).execute_in_process(
            instance=instance, resources={"portal": portal}, run_config=_QUIET, raise_on_error=True, **how
        )
    except Exception as failure:  # whatever a run raises belongs to that run; the caller tells it apart by its type
        return failure
    return None
