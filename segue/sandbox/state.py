"""What the sandbox remembers between runs: the tokens it issued, and the playlists its listeners have."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import RLock

from pydantic import BaseModel, Field, ValidationError

from segue.errors import SettingsError


class Grant(BaseModel):
    """A token: whose, what it allows, and until when."""

    user_id: str
    scope: str
    expires_at: datetime


class Entry(BaseModel):
    """A place on a playlist."""

    track_id: str
    added_at: datetime


class Playlist(BaseModel):
    """A listener's playlist."""

    owner: str
    name: str
    description: str
    public: bool
    entries: list[Entry] = Field(default_factory=list)
    changes: int = 0
    cover: str | None = None
    """SHA-256 of the picture that was uploaded, in hexadecimal digits."""


class Memory(BaseModel):
    """All of it."""

    refresh_tokens: dict[str, Grant] = Field(default_factory=dict)
    access_tokens: dict[str, Grant] = Field(default_factory=dict)
    playlists: dict[str, Playlist] = Field(default_factory=dict)
    libraries: dict[str, dict[str, datetime]] = Field(default_factory=dict)
    """What each person has saved or follows, and since when: `user_id` to URI to moment, the oldest first."""
    gone: set[str] = Field(default_factory=set)
    """Ids of tracks that were taken off Spotify."""


class State:
    """The memory, kept in one file that several sandboxes may share; each change is there whole, or not at all.

    Parameters
    ----------
    path : Path
        The file; it and its folder are created on the first change.

    Raises
    ------
    SettingsError
        If the file is there but cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        self._seen: tuple[int, int] | None = None
        self._memory = Memory()
        self.read()

    def read(self) -> Memory:
        """Return the memory as it is now; only `changing` may change it."""
        with self._lock:
            seen = _version(self._path)
            if seen != self._seen:
                self._memory = _load(self._path)
                self._seen = seen
            return self._memory

    @contextmanager
    def changing(self) -> Iterator[Memory]:
        """Give the memory out to be changed, and save it; an exception undoes the change.

        What is given out is a copy, so that whoever is reading meanwhile never sees half a change.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, self._path.with_suffix(".lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            memory = _load(self._path)
            yield memory
            _forget_expired(memory)
            _save(self._path, memory)
            self._memory, self._seen = memory, _version(self._path)


def _version(path: Path) -> tuple[int, int] | None:
    # Every save is a new file under the old name, so its number changes even within one tick of the clock.
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def _load(path: Path) -> Memory:
    try:
        return Memory.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Memory()
    except ValidationError:
        raise SettingsError(f"{path} is not the sandbox's memory: move it away, a new one will be made") from None


def _save(path: Path, memory: Memory) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".sandbox.", delete=False, encoding="utf-8") as aside:
        aside.write(memory.model_dump_json())
    Path(aside.name).replace(path)


def _forget_expired(memory: Memory) -> None:
    # A while later: until then they are refused as expired, and not as unknown.
    since = datetime.now(timezone.utc) - timedelta(hours=1)
    memory.access_tokens = {token: grant for token, grant in memory.access_tokens.items() if grant.expires_at > since}
