"""The file of keys, for an installation without `SEGUE_KEY`: for its owner only, whole at every moment."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet

from segue.settings import Settings


def key_file(settings: Settings) -> Path:
    """Return where the keys are: separated by commas, the newest first."""
    return settings.var / "segue.key"


def read_keys(settings: Settings) -> str:
    """Return what the file holds; it is made with a first key where there is none."""
    path = key_file(settings)
    if not path.exists():
        _make(path)
    return path.read_text(encoding="ascii", errors="replace")


def write_keys(settings: Settings, keys: Sequence[str]) -> None:
    """Make the file hold `keys`, the newest first, in one step."""
    path = key_file(settings)
    _aside(path, ",".join(keys)).replace(path)


def new_key() -> str:
    """Return a key that nobody has had before."""
    return Fernet.generate_key().decode()


def _make(path: Path) -> None:
    """Write a new key aside and link it into place: whoever comes second finds the first one's, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(path, new_key())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _aside(path: Path, text: str) -> Path:
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".segue.key.")  # mode 0600
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(aside)
