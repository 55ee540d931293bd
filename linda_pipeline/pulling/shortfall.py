"""What is to be said of a pull that is not whole: why, what it means, and what to do about it.

Here: the sentences, for the checks in Dagster and for the command line alike. Not here: how it comes to be in doubt
(ocpi.proof), and books of what never came (books.py).
"""

from __future__ import annotations

from linda_pipeline.pulling.raw import Pull
from linda_pipeline.storage.lake import Delivery

MEANING = "What came in is judged and reported, but the delivery counts as missing until all of it is in."


def shortfall(pull: Pull) -> str | None:
    """Why a pull does not count as whole, in one sentence; None: it does."""
    if pull.complete:
        return None
    return pull.doubt or "Nothing proves that every record came in."


def how_to_pull_again(delivery: Delivery) -> str:
    """What to type to get the rest of a delivery."""
    command = f"linda run --cpo {delivery.cpo} --module {delivery.module}"
    if delivery.module == "locations":
        return f"Pull it again today: {command}. A night that has passed cannot be asked for again."
    return f"Pull the window again: {command} --window {delivery.window}"
