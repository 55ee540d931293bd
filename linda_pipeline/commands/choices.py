"""What a person may choose by an option: a CPO, a module, a folder. A slip of the keyboard is told with what is nearest.

Here: the checks that several commands share. Not here: what is done with the choice.
"""

from __future__ import annotations

import difflib
import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from linda_pipeline.errors import InputMistake, one_line
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import MODULES, Lake

_LISTED = 12


def check_module(module: str | None) -> None:
    """Raises InputMistake where there is no such module."""
    if module not in (None, *MODULES):
        raise InputMistake(f"--module is cdrs or locations, not {module!r}.")


def check_cpo(cpo: str | None, known: Iterable[str], where: str) -> None:
    """Raises InputMistake, with the nearest names, where a CPO is none of those that are known. `where`: by whom."""
    names = sorted(set(known))
    if cpo is None or cpo in names:
        return
    same = [name for name in names if name.upper() == cpo.upper()]
    near = same or difflib.get_close_matches(cpo.upper(), names, n=3)
    if near:
        rest = f"Did you mean {' or '.join(near)}?"
    elif names:
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        rest = f"There are {', '.join(names[:_LISTED])}{more}."
    else:
        rest = "There are no CPOs."
    raise InputMistake(f"There is no CPO {one_line(cpo)} in {where}. {rest}")


def check_cpo_of_lake(cpo: str | None, register: Mapping[str, Cpo], lake: Lake, path: Path) -> None:
    """Raises InputMistake where a CPO is neither in the register, which stands at `path`, nor has anything in the lake."""
    check_cpo(cpo, register.keys() | _cpos_of(lake), f"the register {path} or the lake {lake.root}")


def make_out(folder: Path) -> None:
    """Make the folder of --out, if it is not there yet. Raises InputMistake where nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        why = "it is no folder" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
        raise InputMistake(f"Nothing can be written to {folder}: {why}. Give --out another folder.") from None


def _cpos_of(lake: Lake) -> set[str]:
    """The CPOs that were ever asked for a delivery, or of which one was judged."""
    folders = (lake.root / place / module for place in ("attempts", "ledger") for module in MODULES)
    return {path.name.removeprefix("cpo=") for folder in folders for path in folder.glob("cpo=*")}
