"""`linda` typed in this process: the same road as `python -m linda_pipeline.cli`, without a new Python for every case.

Here: the command line, environment, folder and streams of one command, all put back after it. Not here: what only a process
of its own can show (signals, another user, what is imported): those tests start one.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

from linda_pipeline.cli import main
from linda_pipeline.settings import take_over

_OURS = ("LINDA_", "DAGSTER_")


def bare_environment() -> dict[str, str]:
    """The environment of this process, with nothing of LINDA's or Dagster's set."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def linda_here(
    *words: str, environment: Mapping[str, str] | None = None, folder: Path | None = None, given: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Run `linda` with these words; `given` is its standard input. Nothing of LINDA's is set but what `environment` says."""
    out, err = io.BytesIO(), io.BytesIO()
    with (
        _as_it_was(),
        contextlib.chdir(folder or Path.cwd()),
        contextlib.redirect_stdout(io.TextIOWrapper(out, "utf-8", write_through=True)),
        contextlib.redirect_stderr(io.TextIOWrapper(err, "utf-8", "backslashreplace", write_through=True)),
    ):
        take_over({**bare_environment(), **(environment or {})})
        sys.argv, sys.stdin = ["linda", *words], io.TextIOWrapper(io.BytesIO(given), "utf-8")
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        assert isinstance(code, int), code
        told, complained = out.getvalue().decode(), err.getvalue().decode()
    return subprocess.CompletedProcess(["linda", *words], code, told, complained)


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """What a command may change of its process is as it was before."""
    environment, argv, stdin = dict(os.environ), sys.argv, sys.stdin
    levels = {logger: logger.level for logger in (logging.getLogger(), logging.getLogger("dagster"))}
    try:
        with warnings.catch_warnings():
            yield
    finally:
        sys.argv, sys.stdin = argv, stdin
        take_over(environment)
        for logger, level in levels.items():
            logger.setLevel(level)
