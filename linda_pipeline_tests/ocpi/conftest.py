from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from linda_pipeline_tests.ocpi.little_cpo import LittleCpo


@pytest.fixture
def start_cpo() -> Iterator[Callable[..., LittleCpo]]:
    started: list[LittleCpo] = []

    def start(**habits: object) -> LittleCpo:
        started.append(LittleCpo(**habits).start())  # type: ignore[arg-type]
        return started[-1]

    yield start
    for cpo in started:
        cpo.stop()


@pytest.fixture
def cpo(start_cpo: Callable[..., LittleCpo]) -> LittleCpo:
    return start_cpo(records={"cdrs": [], "locations": []})
