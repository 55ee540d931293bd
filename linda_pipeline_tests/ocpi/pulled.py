"""A pull by the client with little patience, from a CPO on loopback.

Here: no test.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from linda_pipeline.ocpi.client_door import connect
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.ocpi.page import read_page
from linda_pipeline.ocpi.paging import RawPage
from linda_pipeline_tests.ocpi.little_cpo import LittleCpo

BRISK = Patience(connect_s=2, read_s=2, answer_s=10, tries=3, first_wait_s=0.01, longest_wait_s=0.02)
TOKEN = "geheim-sleutel-7f3a"
CODED = base64.b64encode(TOKEN.encode()).decode()


def pull(cpo: LittleCpo, module: str = "cdrs", patience: Patience = BRISK, **options: Any) -> list[RawPage]:
    with connect(cpo.versions_url, TOKEN, token_name="LINDA_TOKEN_NL_ABC", patience=patience, **options) as connection:
        return list(connection.pages(module, limit=options.get("limit", 100)))


def records(pages: list[RawPage]) -> list[Any]:
    return [json.loads(record) for page in pages for record in read_page(page.body).records]
