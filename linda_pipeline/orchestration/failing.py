"""A failed run as an operator reads it: one sentence of cause, one of remedy, and only then the traceback.

Here: every known failure made into Dagster's, with what may pass by itself told apart from what will not. Not here: the
sentences, which each failure brings along (ocpi.failures and linda_pipeline.errors).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from linda_pipeline.errors import Exit, exit_code, sentence
from linda_pipeline.ocpi.failures import HostFailing, HostUnreachable, PullFailed
from linda_pipeline.storage.lake import Delivery

AGAIN_AFTER_S = (120, 360)
"""For what may pass, on top of the client's own tries within one pull: the waits before the second and the third pull. Not a
RetryPolicy of Dagster: that one also repeats what an operator terminates."""
ATTENDED = "linda/attended"
"""The tag of a run that somebody waits for at a screen: it is not tried again by itself."""
_MAY_PASS = (HostUnreachable, HostFailing)


def may_pass(failure: BaseException) -> bool:
    """Whether the same thing tried later can go well without anybody doing anything."""
    return isinstance(failure, _MAY_PASS)


def cause_and_remedy(failure: BaseException) -> tuple[str, str]:
    """What happened, and what to do about it, as two texts; the remedy is empty where the failure brings one text only."""
    if isinstance(failure, PullFailed):
        return failure.message, failure.remedy
    return sentence(failure), ""


@contextmanager
def explained(context: dg.AssetExecutionContext, delivery: Delivery | None = None) -> Iterator[None]:
    """Whatever the block raises as Dagster's Failure: cause and remedy first, retried only where that can help."""
    try:
        yield
    except dg.Failure:
        raise
    except Exception as failure:
        again = may_pass(failure) and ATTENDED not in context.run.tags and context.retry_number < len(AGAIN_AFTER_S)
        as_read = _as_read(failure, delivery, again=again)
        if again:
            as_read.__cause__ = failure
            raise dg.RetryRequested(len(AGAIN_AFTER_S), AGAIN_AFTER_S[context.retry_number]) from as_read
        raise as_read from failure


def _as_read(failure: Exception, delivery: Delivery | None, *, again: bool) -> dg.Failure:
    cause, remedy = cause_and_remedy(failure)
    metadata: dict[str, Any] = {"cause": cause}
    if remedy:
        metadata["remedy"] = remedy
    if delivery is not None:
        metadata["delivery"] = delivery.id
    metadata["whose"] = _WHOSE[exit_code(failure)]
    metadata["tried again by itself"] = again
    return dg.Failure(description=f"{cause} {remedy}".strip(), metadata=metadata, allow_retries=False)


_WHOSE = {
    Exit.INPUT: "the settings or the register: to be mended here",
    Exit.NOT_PULLED: "the CPO or the line to it",
    Exit.OURS: "the portal itself: report it to the developers",
}
