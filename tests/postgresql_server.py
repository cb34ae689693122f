"""A PostgreSQL server of one's own, and statements past every check of Segue's."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from adbc_driver_manager import dbapi as errors
from adbc_driver_postgresql import dbapi

SECRET = "well-kept"  # noqa: S105 - of a server that is gone in a minute
# What a server that holds nothing of value need not do.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "16MB"}
START_SECONDS = 60


def execute(address: str, statement: str) -> str:
    """Run a statement at `address`, past every check of Segue's, and return the first value as text."""
    with dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return "" if row is None else str(row[0])


def in_schema(address: str, name: str) -> str:
    """Return an address whose tables are those of one schema."""
    return f"{address}{'&' if '?' in address else '?'}options=-csearch_path%3D{name}"


@contextmanager
def own_server(programs: Path) -> Iterator[str]:
    """Run a server that only this machine reaches, and return the address of its superuser."""
    # Not pytest's own folder: another user must get at it, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="segue-postgresql-"))
    try:
        yield from _serve(programs, folder)
    finally:
        shutil.rmtree(folder)


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs: Debian does not put it on the path."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places else None


def _serve(programs: Path, folder: Path) -> Iterator[str]:
    user = _other_user()
    password = folder / "password"
    password.write_text(SECRET)
    if user is not None:
        for path in (folder, password):
            os.chown(path, user.pw_uid, user.pw_gid)
    data = folder / "data"
    initdb = [programs / "initdb", "--pgdata", data, "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    initdb += ["--username", "segue", "--auth", "scram-sha-256", "--pwfile", password]
    subprocess.run([*_as(user), *initdb], check=True, capture_output=True, cwd=folder)
    settings = {**FAST, "listen_addresses": "", "unix_socket_directories": str(folder)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([*_as(user), programs / "postgres", "-D", data, *options], stderr=log, cwd=folder)
    try:
        address = f"postgresql://segue:{SECRET}@{quote(str(folder), safe='')}/postgres"
        _await(server, address, folder / "log")
        yield address
    finally:
        server.send_signal(signal.SIGINT)  # ends sessions, too
        server.wait()


def _other_user() -> pwd.struct_passwd | None:
    """Return whom to be where we are root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return None
    return next(user for user in pwd.getpwall() if user.pw_name in {"postgres", "nobody"})


def _as(user: pwd.struct_passwd | None) -> list[str]:
    # Not by what subprocess has for it: that copies this whole process, for which there may be no memory.
    return [] if user is None else ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _await(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        if server.poll() is not None:
            pytest.fail(f"PostgreSQL did not start: {log.read_text()}")
        try:
            execute(address, "SELECT 1")
        except errors.OperationalError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"PostgreSQL took more than {START_SECONDS} seconds to start: {log.read_text()}")
