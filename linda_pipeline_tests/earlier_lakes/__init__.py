"""Lakes that earlier versions left, packed by the day of the version: every later version must be able to use them.

Here: the archives, and how one is unpacked. Each holds cpos.toml and the folder lake (raw, attempts, ledger, accepted,
rejected, held, findings, curated, kpi; no reports and no linda.duckdb, which are made anew), of two made-up CPOs over three
windows and three nights. A lake is added when its files change form; none is ever made anew. Not here: any test.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from linda_pipeline.register.cpos import Cpo, read_register
from linda_pipeline.storage.lake import Lake

ARCHIVES = sorted(path.name.removesuffix(".tar.xz") for path in Path(__file__).parent.glob("*.tar.xz"))
"""The days of the versions."""
KEY = bytes.fromhex("11" * 32)
"""The pseudonym key of all of them: the demo's."""


def unpacked(day: str, to: Path) -> tuple[Lake, dict[str, Cpo]]:
    """The lake of the version of a day, in a folder of the test, and its register."""
    with tarfile.open(Path(__file__).with_name(f"{day}.tar.xz")) as archive:
        archive.extractall(to, filter="data")
    return Lake(to / "lake"), read_register(to / "cpos.toml")
