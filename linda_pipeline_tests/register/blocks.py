"""A block of the register, and what is said of one that is changed.

Here: these. Not here: any test.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.register.cpos import RegisterMistake, parse_register

EXAMPLE = """
[cpo.NL-ABC]
name = "Voorbeeld Laden B.V."
parties = ["NL-ABC", "NL-ABD"]
versions_url = "https://ocpi.example.nl/ocpi/versions"
ocpi = "2.2.1"
token_encoding = "base64"
language = "nl"
nal_regions = ["Zuid"]
quality_contact = "data@example.nl"
active = true

[[cpo.NL-ABC.permission]]
document = "LINDA-2026-014"
owner = "Gemeente Eindhoven"
owner_kind = "concession"
from = 2025-01-01
until = 2029-12-31
areas = ["GM0772"]
"""
PERMISSION = {"document": "L-1", "owner": "Eindhoven", "owner_kind": "concession", "from": date(2025, 1, 1)}
BLOCK = {"name": "Voorbeeld", "versions_url": "https://ocpi.example.nl/versions", "permission": [PERMISSION]}


def mistakes(block: Any, key: str = "NL-ABC") -> list[str]:
    with pytest.raises(RegisterMistake) as raised:
        parse_register({"cpo": {key: block}})
    return raised.value.mistakes


def written(folder: Path, text: str) -> Path:
    path = folder / "cpos.toml"
    path.write_text(text, encoding="utf-8")
    return path
