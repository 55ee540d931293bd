"""The jobs run in this process, for `linda run` and `linda demo`: the same assets, the same history, no daemon needed.

Here: one Dagster run per delivery, then one for what is shared; a failed delivery never stops another. Not here: CPOs side
by side (side_by_side.py), and what is shown on the screen (commands.on_screen).
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from linda_pipeline.errors import Exit, exit_code, sentence
from linda_pipeline.orchestration.checks import COMPLETE, WHY
from linda_pipeline.orchestration.failing import ATTENDED
from linda_pipeline.orchestration.jobs import AGAIN_BY_MODULE, BY_MODULE, PUBLISH
from linda_pipeline.orchestration.partitions import partition_key, register_deliveries
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Delivery

_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class RunEnd:
    """How a run ended, told so that it can come from another process: `said` is what went wrong, as a person reads it."""

    delivery: Delivery | None
    """None: what follows once for all CPOs."""
    code: Exit = Exit.FINE
    said: str = ""
    is_incomplete: bool = False
    """Whether the run went well, but nothing proves that every record came in."""
    trace: str = ""
    """The traceback, where the mistake is ours and LINDA_TRACEBACK asks for it."""

    @property
    def state(self) -> str:
        """In one word."""
        return "incomplete" if self.is_incomplete else "failed" if self.said else "done"

    @classmethod
    def of_failure(cls, delivery: Delivery | None, failure: BaseException) -> RunEnd:
        """The end of a run that a failure of the core stopped."""
        code = exit_code(failure)
        is_asked = code == Exit.OURS and read_settings().traceback
        trace = "".join(traceback.format_exception(failure)) if is_asked else ""
        return cls(delivery, code, sentence(failure), trace=trace)

    @classmethod
    def of_checks(cls, delivery: Delivery | None, evaluations: Iterable[dg.AssetCheckEvaluation]) -> RunEnd:
        """The end of a run that went well: incomplete where its check says so."""
        for one in evaluations:
            if one.check_name == COMPLETE and not one.passed:
                return cls(delivery, Exit.NOT_PULLED, str(one.metadata[WHY].value), is_incomplete=True)
        return cls(delivery)


def run_deliveries(
    instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    deliveries: Iterable[Delivery],
    portal: Portal,
    *,
    again: bool = False,
    tags: Mapping[str, str] | None = None,
) -> Iterator[RunEnd]:
    """Run deliveries one after the other; yields how each ended when it has. `again`: judge only, without a pull.

    `tags` are given to every run, beside its own.
    """
    jobs = AGAIN_BY_MODULE if again else BY_MODULE
    for delivery in deliveries:
        register_deliveries(instance, [delivery])
        yield _run(
            instance,
            definitions,
            jobs[delivery.module],
            portal,
            delivery,
            partition_key=partition_key(delivery),
            tags={"linda/delivery": delivery.id, **(tags or {})},
        )


def run_publish(instance: dg.DagsterInstance, definitions: dg.Definitions, portal: Portal) -> RunEnd:
    """Run what follows once for all CPOs."""
    return _run(instance, definitions, PUBLISH.name, portal, None)


def _run(
    instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    job: str,
    portal: Portal,
    delivery: Delivery | None,
    **how: Any,
) -> RunEnd:
    tags = {**how.pop("tags", {}), ATTENDED: "yes"}
    try:
        ended = definitions.resolve_job_def(job).execute_in_process(
            instance=instance, resources={"portal": portal}, run_config=_QUIET, raise_on_error=True, tags=tags, **how
        )
    except dg.Failure as failure:  # its cause is as it was raised in the core: its type says whose it is
        return RunEnd.of_failure(delivery, failure.__cause__ or failure)
    except Exception as failure:  # whatever a run raises belongs to that run; the caller tells it apart by its type
        return RunEnd.of_failure(delivery, failure)
    return RunEnd.of_checks(delivery, ended.get_asset_check_evaluations())
