"""The register of CPOs as a file that is edited: a permission added or ended, and everything else left as somebody wrote it.

Here: the edit under a lock, the whole register checked before it is written, and the write, which a kill leaves done or not
done. Not here: what a register may hold (cpos.py), and the event and the paper of a change (permission_changes.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, InlineTable, Table, Whitespace

from linda_pipeline.errors import InputMistake, one_line
from linda_pipeline.register.cpos import Cpo, Permission, parse_register, register_of_text, register_text
from linda_pipeline.storage.transaction import flush

_EXAMPLES = ("data", "reference")
"""The folder of the tracked examples, as the end of its path."""
_MAY_CHANGE = re.compile(r"^\s*(until|permission)\b|\{")
"""Lines that an edit changes: a last day, and permissions that stand in one line."""


class PermissionNotChanged(InputMistake):
    """A permission cannot be added or ended as it was asked; the message says why and what can."""


class CposFile:
    """The register while nobody else edits it by a command. Nothing reaches the file before `write`."""

    def __init__(self, path: Path) -> None:
        """Reads it. Raises RegisterMistake where it has mistakes, and PermissionNotChanged where it is an example."""
        self.path = path.resolve()  # a link stays a link: what it leads to is written
        self._folder = path.absolute().parent
        if self.path.name.endswith(".example.toml") or self.path.parent.parts[-2:] == _EXAMPLES:
            raise PermissionNotChanged(
                f"{path} is an example that belongs to the program, and no command edits it. Copy it to a place of your own "
                f"(`cp {path} data/cpos.toml`) and let LINDA_CPOS name the copy where that is another place."
            )
        self._before = register_text(self.path)
        self.register = register_of_text(self._before, path)
        self._after = self._before

    def add(self, cpo: str, permission: Mapping[str, Any]) -> Permission:
        """Add a permission by its keys, as they stand in the file, behind those that the CPO has.

        Raises RegisterMistake where the register then has a mistake.
        """
        self._known(cpo)
        wanted = tomllib.loads(self._after)
        listed = wanted["cpo"][cpo].setdefault("permission", [])
        listed.append(dict(permission))
        register = parse_register(wanted, self._folder)  # its sentences come first: they name what was typed
        written = self._tree()
        _append(written["cpo"][cpo], permission)
        self._take(written, wanted, register)
        return register[cpo].permissions[-1]

    def end(self, cpo: str, document: str, last_day: date) -> list[Permission]:
        """Let what a document permits a CPO hold until and with a day; those of its permissions that end before stay so."""
        named = [one for one in self._known(cpo).permissions if one.document == document]
        if not named:
            has = ", ".join(dict.fromkeys(one.document for one in self.register[cpo].permissions)) or "none"
            raise PermissionNotChanged(
                f"{cpo} has no permission by the document {one_line(document)!r} in {self.path}. It has: {has}."
            )
        open_then = [one for one in named if one.until is None or one.until > last_day]
        if not open_then:
            ended = max(one.until for one in named if one.until is not None)
            raise PermissionNotChanged(f"{document} of {cpo} ends on {ended} already. Nothing was changed.")
        late = max(one.start for one in open_then)
        if last_day < late:
            raise PermissionNotChanged(
                f"{document} of {cpo} holds from {late} on, so that it cannot end on {last_day}. Give a later --on."
            )
        wanted, written = tomllib.loads(self._after), self._tree()
        for number, one in enumerate(self.register[cpo].permissions):
            if one in open_then:
                wanted["cpo"][cpo]["permission"][number]["until"] = last_day
                _set_until(written["cpo"][cpo]["permission"][number], last_day)
        register = parse_register(wanted, self._folder)
        self._take(written, wanted, register)
        return [one for one in register[cpo].permissions if one.document == document and one.until == last_day]

    def write(self) -> None:
        """Put the edited text in the place of the file: whole or not at all, with the rights and the owner that it has."""
        found = self.path.stat()
        if self.path.read_bytes() != self._before.encode():
            raise PermissionNotChanged(
                f"{self.path} was changed by somebody else just now. Nothing was changed; do it again."
            )
        aside = self.path.with_name(f".{self.path.name}.new")
        try:
            with aside.open("wb") as file:
                os.fchmod(file.fileno(), found.st_mode & 0o7777)
                if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
                    with contextlib.suppress(PermissionError):
                        os.fchown(file.fileno(), found.st_uid, found.st_gid)
                file.write(self._after.encode())
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self.path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        flush(self.path.parent)
        self._before = self._after

    def _known(self, cpo: str) -> Cpo:
        if cpo not in self.register:
            known = ", ".join(self.register) or "none"
            raise PermissionNotChanged(f"There is no CPO {one_line(cpo)} in {self.path}. There are: {known}.")
        return self.register[cpo]

    def _tree(self) -> Any:
        try:
            return tomlkit.parse(self._after if self._after.endswith("\n") else f"{self._after}\n")
        except TOMLKitError:
            raise self._cannot_edit() from None

    def _take(self, written: Any, wanted: Mapping[str, Any], register: dict[str, Cpo]) -> None:
        """Take an edit over where it says what was wanted, and every line that was there before still stands."""
        text = tomlkit.dumps(written)
        if "\r\n" in self._after:
            text = re.sub(r"(?<!\r)\n", "\r\n", text)
        try:
            is_right = tomllib.loads(text) == wanted
        except tomllib.TOMLDecodeError:
            is_right = False
        if not is_right or not _keeps_the_remarks(self._after, text):
            raise self._cannot_edit()
        self._after, self.register = text, register

    def _cannot_edit(self) -> PermissionNotChanged:
        return PermissionNotChanged(
            f"{self.path} is written in a form that this command cannot edit without loss. Nothing was changed: write it by "
            "hand, and look it through with `linda check-cpos`."
        )


@contextlib.contextmanager
def cpos_file(path: Path) -> Iterator[CposFile]:
    """The register under a lock that commands share; it ends with the block. Raises as CposFile does."""
    folder = path.resolve().parent
    if not folder.is_dir():
        register_text(path)  # says that there is none
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield CposFile(path)
    finally:
        os.close(descriptor)


def _append(cpo: Any, permission: Mapping[str, Any]) -> None:
    listed = cpo.get("permission")
    if listed is not None and not isinstance(listed, AoT):
        inline = tomlkit.inline_table()
        inline.update(permission)
        listed.append(inline)
        return
    block = tomlkit.table()
    for key, value in permission.items():
        block.add(key, value)
    behind = listed[-1] if listed is not None else cpo
    remarks = _cut_remarks(behind)
    behind.add(tomlkit.nl())
    for remark in remarks:
        block.add(remark)
    if listed is None:
        listed = tomlkit.aot()
        listed.append(block)
        cpo.add("permission", listed)
    else:
        listed.append(block)


def _cut_remarks(table: Table) -> list[Comment | Whitespace]:
    """Take off what stands behind the last key of a table from the first blank line on.

    To the parser it is the table's; to whoever wrote it, it is the heading of what follows.
    """
    body = table.value.body
    last = max((place for place, (key, _) in enumerate(body) if key is not None), default=-1)
    for place in range(last + 1, len(body)):
        item = body[place][1]
        if isinstance(item, Whitespace) and "\n" in item.value:
            cut = [one for _, one in body[place:] if isinstance(one, Comment | Whitespace)]
            del body[place:]
            return cut
    return []


def _set_until(permission: Any, last_day: date) -> None:
    if "until" in permission or isinstance(permission, InlineTable):
        permission["until"] = last_day
        return
    # At the end of the table it would stand below the remarks that head the next block.
    item = tomlkit.date(last_day.isoformat())
    item.trivia.indent = permission.value.item("from").trivia.indent
    permission.value._insert_after("from", "until", item)


def _keeps_the_remarks(before: str, after: str) -> bool:
    """Whether every line of the text stands in the other one, in order, save those that an edit changes."""
    lines = iter(after.splitlines())
    return all(line in lines for line in before.splitlines() if not _MAY_CHANGE.search(line))
