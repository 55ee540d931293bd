"""Every exception that is ours, and what a person reads of it at the edge of the command line."""

from __future__ import annotations

import ast
import errno
from importlib import import_module
from pathlib import Path

import pytest

import linda_pipeline
from linda_pipeline import cli
from linda_pipeline.errors import Exit, LindaError

SAID = "The thing that is named is wrong; do this about it."
ROOT = Path(linda_pipeline.__file__).parent


def all_failures() -> dict[str, str]:
    """LindaError and every class in the house that descends from it, by name, with its module: read from the files."""
    bases: dict[str, tuple[str, set[str]]] = {}
    for path in ROOT.rglob("*.py"):
        module = ".".join(("linda_pipeline", *path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = module, {base.id for base in node.bases if isinstance(base, ast.Name)}
    found = {"LindaError"}
    while more := {name for name, (_, of) in bases.items() if of & found} - found:
        found |= more
    return {name: bases[name][0] for name in sorted(found)}


FAILURES = all_failures()


def raised(kind: type[LindaError]) -> LindaError:
    """One of a kind, with a sentence: some take it with a remedy (and a status), some as a list of mistakes."""
    forms: tuple[tuple[object, ...], ...] = ((SAID,), (SAID, "The remedy."), ([SAID],), (SAID, "The remedy.", 2000))
    for arguments in forms:
        try:
            failure = kind(*arguments)
        except TypeError:
            continue
        if SAID in str(failure):
            return failure
    raise AssertionError(f"{kind.__name__} takes no sentence")


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_of_ours_ends_in_its_sentence_and_a_code_of_the_contract(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = getattr(import_module(FAILURES[name]), name)
    assert issubclass(kind, LindaError)
    failure = raised(kind)

    def command() -> None:
        raise failure

    monkeypatch.setattr(cli, "app", command)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = " ".join(capsys.readouterr().err.split())
    assert ended.value.code in set(Exit) - {Exit.FINE, Exit.FINDINGS}
    assert SAID in told
    assert ("failure of the portal itself" in told) == (ended.value.code == Exit.OURS)
    assert ("LINDA_TRACEBACK" in told) == (ended.value.code == Exit.OURS)


def test_there_are_failures_of_every_room() -> None:
    rooms = {module.split(".")[1] for module in FAILURES.values()}
    core = {"errors", "settings", "storage", "ledger", "ocpi", "quality", "register", "pulling", "judging", "warehouse"}
    assert rooms >= core | {"orchestration"}
    assert len(FAILURES) > 25


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/lake/raw"), Exit.INPUT, "/lake/raw: Permission denied"),
        (OSError(errno.EROFS, "Read-only file system", "/lake"), Exit.INPUT, "/lake: Read-only file system"),
        (OSError(errno.ENOSPC, "No space left on device"), Exit.INPUT, "no space left"),
        (ZeroDivisionError("division by zero"), Exit.OURS, "failure of the portal itself"),
        (AssertionError(), Exit.OURS, "AssertionError"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_the_machine_refuses_is_not_ours_and_what_nobody_foresaw_is(
    failure: BaseException, code: Exit, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        raise failure

    monkeypatch.setattr(cli, "app", command)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert said in capsys.readouterr().err
