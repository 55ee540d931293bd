"""Each trial register is told by `linda check-cpos` in one sentence for what it is."""

from __future__ import annotations

import pytest

from linda_pipeline_tests.test_cli import linda
from linda_pipeline_tests.trials.door import TRIALS, needs_trials

pytestmark = needs_trials

SENTENCES = {
    "bom": "{path} begins with a byte order mark (BOM), an invisible sign that some Windows editors put there and TOML does "
    'not allow. Save it as "UTF-8", not as "UTF-8 with BOM".',
    "datestr": "[cpo.NL-ABC.permission no. 1] from: stands in quotes, which makes it a text; write the date without them: "
    "2025-01-01.",
    "datetime": "[cpo.NL-ABC.permission no. 1] from: has a time of day; give the date alone: 2025-01-01.",
    "urlspace": "[cpo.NL-ABC] versions_url: has a blank at its end (space); take it out.",
    "userinfo": "[cpo.NL-ABC] versions_url: holds a user and password, which never stand in this file. Take them out; what a "
    "CPO gives for access is its token, and that is set in the environment.",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_each_register_is_told_for_what_it_is(name: str) -> None:
    path = TRIALS / "registers" / f"{name}.toml"
    told = linda("check-cpos", str(path))
    assert told.returncode == 2
    said, count = told.stderr.strip().splitlines()
    assert said.removeprefix("The register ") == SENTENCES[name].format(path=path)
    assert count == f"1 mistake(s) in {path}."
    assert "user:pw" not in told.stdout + told.stderr


def test_every_register_of_the_trials_is_among_them() -> None:
    assert {path.stem for path in (TRIALS / "registers").iterdir()} == set(SENTENCES)
