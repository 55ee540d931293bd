"""Moments as the simulator counts them: whole seconds since 1970, and wall-clock time made into UTC.

Here: text from seconds and seconds from local time. Not here: which moments there are.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1)


def seconds(moment: datetime) -> int:
    """A moment with a time zone as whole seconds since 1970 in UTC."""
    return int(moment.timestamp())


def text(moment: int) -> str:
    """Seconds since 1970 as OCPI writes a moment."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def texts(moments: Seconds) -> list[str]:
    """Many moments as OCPI writes them."""
    return [f"{moment}Z" for moment in np.datetime_as_string(moments.astype("datetime64[s]"), unit="s")]


def utc_of_local(local: Seconds, zone: ZoneInfo) -> Seconds:
    """Wall-clock seconds (as if it were UTC) as real UTC. Of an hour that comes twice, the first is meant.

    The offset is looked up once per hour, since zones change theirs on the hour.
    """
    hours, which = np.unique(local // 3600, return_inverse=True)
    offsets = [(_EPOCH + timedelta(hours=int(hour))).replace(tzinfo=zone).utcoffset() for hour in hours]
    shift = np.array([int((offset or timedelta()).total_seconds()) for offset in offsets], dtype=np.int64)
    return np.asarray(local - shift[which], dtype=np.int64)
