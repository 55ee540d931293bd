"""The register of CPOs as a file that commands edit: what was asked for changes, and every other line stays."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.register.cpos import RegisterMistake, read_register
from linda_pipeline.register.cpos_file import CposFile, PermissionNotChanged, cpos_file

WRITTEN = """\
# Wie levert, en wat.

[cpo.NL-ABC]   # de eerste
name = "Voorbeeld Laden B.V."
versions_url = "https://ocpi.example.nl/ocpi/versions"

# Eindhoven sinds 2025
[[cpo.NL-ABC.permission]]
document = "L-1"   # getekend
owner = "Gemeente Eindhoven"
owner_kind = "concession"
areas = ["GM0772"]
from = 2025-01-01

# --- de tweede CPO ---
[cpo.NL-XYZ]
name = "Xyz"
versions_url = "https://x.example.nl/ocpi/versions"
"""
GIVEN: dict[str, Any] = {
    "document": "L-2",
    "owner": "Provincie Utrecht",
    "owner_kind": "concession",
    "from": date(2026, 12, 1),
    "areas": ["GM0344"],
}


def _file(folder: Path, text: str = WRITTEN) -> Path:
    path = folder / "cpos.toml"
    path.write_bytes(text.encode())
    return path


def _added(path: Path, cpo: str = "NL-ABC", **keys: Any) -> str:
    with cpos_file(path) as file:
        file.add(cpo, GIVEN | keys)
        file.write()
    return path.read_bytes().decode()


def test_a_permission_is_added_behind_those_of_its_cpo_and_all_else_stays(tmp_path: Path) -> None:
    after = _added(_file(tmp_path))
    new = '[[cpo.NL-ABC.permission]]\ndocument = "L-2"\nowner = "Provincie Utrecht"\nowner_kind = "concession"\n'
    new += 'from = 2026-12-01\nareas = ["GM0344"]\n\n'
    at = WRITTEN.index("# --- de tweede CPO")
    assert after == WRITTEN[:at] + new + WRITTEN[at:]


def test_the_first_permission_of_a_cpo_is_added_at_its_end(tmp_path: Path) -> None:
    after = _added(_file(tmp_path), "NL-XYZ")
    assert after.startswith(WRITTEN)
    assert [one.document for one in read_register(tmp_path / "cpos.toml")["NL-XYZ"].permissions] == ["L-2"]


def test_a_permission_in_one_line_is_added_in_one_line(tmp_path: Path) -> None:
    listed = '[cpo.NL-ABC]\nname = "A"\nversions_url = "https://a.example.nl/"\npermission = [\n  # de eerste\n'
    listed += (
        '  { document = "L-1", owner = "X", owner_kind = "concession", from = 2025-01-01, areas = ["GM0772"] },\n]\n'
    )
    after = _added(_file(tmp_path, listed))
    assert "# de eerste" in after
    assert [one["document"] for one in tomllib.loads(after)["cpo"]["NL-ABC"]["permission"]] == ["L-1", "L-2"]


def test_lines_that_end_as_in_windows_go_on_ending_so(tmp_path: Path) -> None:
    after = _added(_file(tmp_path, WRITTEN.replace("\n", "\r\n")))
    assert after.count("\n") == after.count("\r\n") == WRITTEN.count("\n") + 7


def test_a_last_day_is_written_below_the_first_and_the_remarks_stay_with_what_follows(tmp_path: Path) -> None:
    path = _file(tmp_path)
    with cpos_file(path) as file:
        (ended,) = file.end("NL-ABC", "L-1", date(2026, 12, 31))
        file.write()
    assert ended.until == date(2026, 12, 31)
    assert path.read_text() == WRITTEN.replace("from = 2025-01-01\n", "from = 2025-01-01\nuntil = 2026-12-31\n")


def test_a_last_day_that_stands_is_put_earlier_and_never_later(tmp_path: Path) -> None:
    path = _file(tmp_path, WRITTEN.replace("from = 2025-01-01\n", "from = 2025-01-01\nuntil = 2026-12-31 # brief\n"))
    file = CposFile(path)
    with pytest.raises(PermissionNotChanged, match="L-1 of NL-ABC ends on 2026-12-31 already"):
        file.end("NL-ABC", "L-1", date(2027, 1, 1))
    with pytest.raises(PermissionNotChanged, match="holds from 2025-01-01 on, so that it cannot end on 2024-12-31"):
        file.end("NL-ABC", "L-1", date(2024, 12, 31))
    file.end("NL-ABC", "L-1", date(2026, 6, 30))
    file.write()
    assert "until = 2026-06-30 # brief\n" in path.read_text()


def test_a_document_or_cpo_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    file = CposFile(_file(tmp_path))
    with pytest.raises(PermissionNotChanged, match=r"NL-ABC has no permission by the document 'L-9'.*It has: L-1\."):
        file.end("NL-ABC", "L-9", date(2026, 12, 31))
    with pytest.raises(PermissionNotChanged, match=r"There is no CPO NL-Q in .*There are: NL-ABC, NL-XYZ\."):
        file.add("NL-Q", GIVEN)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"from": date(2026, 12, 1), "until": date(2026, 1, 1)}, "until"),
        ({"areas": ["Utrecht"]}, "a list of municipality codes"),
        ({"owner_kind": "friend"}, "owner_kind"),
    ],
)
def test_a_permission_that_is_wrong_changes_nothing(tmp_path: Path, wrong: dict[str, Any], told: str) -> None:
    path = _file(tmp_path)
    with pytest.raises(RegisterMistake, match=told), cpos_file(path) as file:
        file.add("NL-ABC", GIVEN | wrong)
    assert path.read_text() == WRITTEN


def test_the_examples_of_the_program_are_never_edited(tmp_path: Path) -> None:
    path = tmp_path / "cpos.example.toml"
    path.write_text(WRITTEN)
    with pytest.raises(PermissionNotChanged, match="is an example that belongs to the program"):
        CposFile(path)


def test_what_somebody_else_wrote_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = _file(tmp_path)
    file = CposFile(path)
    file.add("NL-ABC", GIVEN)
    path.write_text(f"{WRITTEN}# een opmerking\n")
    with pytest.raises(PermissionNotChanged, match="was changed by somebody else just now"):
        file.write()
    assert path.read_text() == f"{WRITTEN}# een opmerking\n"


def test_the_file_keeps_its_rights_and_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    path = _file(tmp_path / "there")
    path.chmod(0o640)
    link = tmp_path / "cpos.toml"
    link.symlink_to(path)
    _added(link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["cpos.toml"], "nothing is left beside it"


remarks = st.lists(
    st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"]), max_size=20), max_size=4
)


@given(places=st.lists(st.integers(0, WRITTEN.count("\n")), max_size=6), texts=remarks)
def test_wherever_remarks_stand_they_stay(tmp_path_factory: Any, places: list[int], texts: list[str]) -> None:
    lines = WRITTEN.splitlines()
    for place, text in zip(places, texts, strict=False):
        lines.insert(place, f"# {text}")
    written = "\n".join(lines) + "\n"
    path = _file(tmp_path_factory.mktemp("remarks"), written)
    with cpos_file(path) as file:
        file.add("NL-ABC", GIVEN)
        file.end("NL-ABC", "L-1", date(2026, 12, 31))
        file.write()
    after = path.read_text(encoding="utf-8").splitlines()
    assert sorted(set(lines) - set(after)) == []
    assert len(after) == len(lines) + 8
    register = read_register(path)
    assert [(one.document, one.until) for one in register["NL-ABC"].permissions] == [
        ("L-1", date(2026, 12, 31)),
        ("L-2", None),
    ]
