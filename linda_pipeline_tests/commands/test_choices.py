"""What is chosen by an option and cannot be: told at once, with what can."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from linda_pipeline.cli import app
from linda_pipeline.commands.choices import check_cpo, check_module, make_out
from linda_pipeline.errors import InputMistake
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.commands.published_lake import AREAS, lake_in, linda, tree
from linda_pipeline_tests.deliveries import REGISTER


@pytest.mark.parametrize(
    ("asked", "known", "said"),
    [
        ("nl-abc", ["NL-ABC", "NL-ABD"], "There is no CPO nl-abc in the register. Did you mean NL-ABC?"),
        ("NL-ABX", ["NL-ABC", "NL-ABD", "DE-XYZ"], "Did you mean NL-ABD or NL-ABC?"),
        ("XX", ["NL-ABC"], "There are NL-ABC."),
        ("XX", [f"NL-{n:03d}" for n in range(20)], "NL-011 and 8 more."),
        ("XX", [], "There are no CPOs."),
        ("\x1b[2J", ["NL-ABC"], "There is no CPO \\u001b[2J in"),
    ],
)
def test_an_unknown_cpo_is_told_with_the_nearest(asked: str, known: list[str], said: str) -> None:
    with pytest.raises(InputMistake) as raised:
        check_cpo(asked, known, "the register")
    assert said in str(raised.value)


def test_a_known_cpo_and_none_at_all_are_fine() -> None:
    check_cpo("NL-ABC", ["NL-ABC"], "the register")
    check_cpo(None, [], "the register")
    check_module(None)
    check_module("cdrs")


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/none"])
def test_a_folder_that_cannot_be_made_is_told_with_the_reason(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(InputMistake, match=r"Nothing can be written to .*: .+\. Give --out another folder\."):
        make_out(tmp_path / place)
    assert (tmp_path / "file").read_text() == "here"


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    make_out(tmp_path / "a" / "b")
    make_out(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_the_demo_in_an_impossible_place_starts_nothing_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    told = linda(tmp_path / "lake", "demo", "--out", str(tmp_path / "file"))
    assert (told.returncode, told.stdout) == (2, "")
    assert (
        told.stderr == f"Nothing can be written to {tmp_path / 'file'}: it is no folder. Give --out another folder.\n"
    )


@pytest.mark.parametrize("register", [REGISTER, "[cpo.NL-ABC\n", "cpo = 1\n"])
def test_the_demo_writes_over_no_register_but_its_own(register: str, tmp_path: Path) -> None:
    (tmp_path / "cpos.toml").write_text(register)
    told = linda(tmp_path / "lake", "demo", "--out", str(tmp_path))
    assert (told.returncode, told.stdout) == (2, "")
    assert "is a register of other CPOs" in told.stderr
    assert (tmp_path / "cpos.toml").read_text() == register
    assert [path.name for path in tmp_path.iterdir()] == ["cpos.toml"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_in(tmp_path_factory.mktemp("choices"), tmp_path_factory)


def test_regions_in_an_impossible_place_say_why(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    environment = {
        "LINDA_LAKE": str(lake.root),
        "LINDA_CPOS": str(lake.root.parent / "cpos.toml"),
        "LINDA_AREAS": str(AREAS),
    }
    result = CliRunner().invoke(app, ["regions", "--out", str(tmp_path / "file")], env=environment)
    assert isinstance(result.exception, InputMistake)
    assert "it is no folder" in str(result.exception)


OTHER = REGISTER.replace("NL-ABC", "NL-XYZ")


@pytest.mark.parametrize("command", [["deliveries"], ["held"], ["regions", "--out", "{out}"], ["replay"], ["run"]])
def test_a_lake_under_another_register_gets_one_true_sentence_and_changes_nothing(
    command: list[str], lake: Lake, tmp_path: Path
) -> None:
    (tmp_path / "other.toml").write_text(OTHER)
    before = {name: what for name, what in tree(lake.root).items() if not name.endswith(".lock")}
    told = linda(
        lake.root, *[one.format(out=tmp_path / "out") for one in command],
        LINDA_CPOS=str(tmp_path / "other.toml"), LINDA_PSEUDONYM_KEY="ab" * 32, LINDA_TOKEN_NL_XYZ="x",
        DAGSTER_HOME=str(tmp_path / "dagster"),
    )  # fmt: skip
    assert told.returncode in (0, 1, 2), told.stderr
    together = " ".join((told.stdout + told.stderr).split())
    assert "NL-ABC" in together
    assert "register" in together, together
    assert "failure of the portal itself" not in together
    after = {name: what for name, what in tree(lake.root).items() if not name.endswith(".lock")}
    assert {name: what[2] for name, what in after.items()} == {name: what[2] for name, what in before.items()}
