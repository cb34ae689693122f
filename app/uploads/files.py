"""Taking a visitor's files: into memory, within bounds, and off the disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

from app.security.bodies import UPLOAD_BYTES
from segue.errors import InputError

MOST_FILES = 50
MOST_UNPACKED = 200_000_000
"""Of all files in an archive together."""
ARCHIVE = b"PK\x03\x04"
ENTRY = b"PK\x01\x02"
"""What begins each entry of an archive's table of contents."""
PEEK = 4096
"""So much of a file in an archive is looked at, to see whether it is wanted."""
PLAIN_OR_DEFLATED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = "this archive is damaged or locked: download it again"


@contextmanager
def deleted_afterwards(paths: Sequence[Path]) -> Iterator[None]:
    """Delete files when this is over, whatever happens meanwhile."""
    try:
        yield
    finally:
        for path in paths:
            _delete(path)


def take(path: Path) -> bytes:
    """Return what is in a file, which is deleted by then.

    Raises
    ------
    InputError
        If it is too large or cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(UPLOAD_BYTES + 1)
    except OSError:
        raise InputError("this file did not arrive: choose it again") from None
    _delete(path)
    if len(content) > UPLOAD_BYTES:
        raise InputError(f"this file is larger than {UPLOAD_BYTES // 1_000_000} MB")
    return content


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
    # The folder that it came in: named after its content, and empty now.
    with suppress(OSError):
        path.parent.rmdir()


def is_archive(content: bytes) -> bool:
    """Return whether a file is a ZIP archive."""
    return content.startswith(ARCHIVE)


def unpack(content: bytes, wanted: Callable[[bytes], bool]) -> Iterator[bytes]:
    """Yield the content of each JSON file in an archive whose first bytes are `wanted`; read no other.

    Raises
    ------
    InputError
        If the archive holds too much, or cannot be read.
    """
    # Counted before a table of contents of any length is read.
    if content.count(ENTRY) > MOST_FILES:
        raise InputError(f"there are more than {MOST_FILES} files in this archive: unpack it and choose the right ones")
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in archive.infolist():
                if not member.filename.lower().endswith(".json") or member.compress_type not in PLAIN_OR_DEFLATED:
                    continue
                with archive.open(member) as file:
                    head = file.read(PEEK)
                    if not wanted(head):
                        continue
                    whole = head + file.read(min(UPLOAD_BYTES, left) + 1 - len(head))
                left -= len(whole)
                if len(whole) > UPLOAD_BYTES or left < 0:
                    raise InputError("what is in this archive is too large: unpack it and choose the newest files")
                yield whole
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError):
        raise InputError(DAMAGED) from None
