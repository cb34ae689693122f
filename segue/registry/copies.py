"""Copies on this machine of versions that are on Hopsworks: each is there whole, or not at all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.errors import UnusableModelError
from segue.hopsworks.certainty import NOT_THERE
from segue.hopsworks.failures import code_of
from segue.locks import alone_at
from segue.registry.card import CARD, files_of
from segue.registry.files import flush, writing_aside

CHUNK_BYTES = 1 << 20
YOUNG_SECONDS = 3600


@dataclass(frozen=True)
class Copies:
    """The copies of one model's versions.

    Attributes
    ----------
    home : Path
        Their folder.
    name : str
        Of the model.
    """

    home: Path
    name: str

    def path(self, entry: Any) -> Path:
        """Return where the copy of a version is, or would be; one that took the same number later has another place.

        Parameters
        ----------
        entry
            The client's `Model` of it.
        """
        return self.home / f"{entry.version}-{entry.created}"

    def card(self, dataset: Any, entry: Any) -> bytes:
        """Return the version's description, without downloading the rest."""
        path = self.path(entry) / CARD
        return path.read_bytes() if path.exists() else bytes(_read(dataset, entry, CARD).content)

    def download(self, dataset: Any, entry: Any) -> None:
        """Download a version, unless another process is faster.

        Raises
        ------
        UnusableModelError
            If what is on Hopsworks is not whole.
        """
        path = self.path(entry)
        with alone_at(self.home / f".{entry.version}.lock", f"downloading {self.name}@{entry.version}"):
            if not path.exists():
                with writing_aside(self.home) as aside:
                    _download(dataset, entry, aside)
                    flush(aside)
                    aside.rename(path)

    def adopt(self, entry: Any, folder: Path) -> None:
        """Make `folder`, whose files have just been uploaded, the copy."""
        path = self.path(entry)
        if not path.exists():
            folder.rename(path)

    def forget(self, registered: Collection[int]) -> None:
        """Delete the copies of versions that are not registered any more; one of a moment ago may be about to be."""
        for path in self.home.glob("[0-9]*-*"):
            gone = int(path.name.partition("-")[0]) not in registered
            if gone and path.stat().st_mtime < time.time() - YOUNG_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _download(dataset: Any, entry: Any, folder: Path) -> None:
    text = bytes(_read(dataset, entry, CARD).content)
    for name, size in files_of(text).items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise UnusableModelError(f"{entry.name}@{entry.version} lists {name!r}, which is no file of its own")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for chunk in _read(dataset, entry, name).iter_content(CHUNK_BYTES):
                file.write(chunk)
        if path.stat().st_size != size:
            raise UnusableModelError(
                f"{entry.name}@{entry.version} is not whole on Hopsworks: {name} has {path.stat().st_size:,} bytes of"
                f" {size:,}; run `segue train` for a new version"
            )
    (folder / CARD).write_bytes(text)


def _read(dataset: Any, entry: Any, name: str) -> Any:
    try:
        return dataset.read_content(f"/Models/{entry.name}/{entry.version}/Files/{name}")
    except Exception as error:
        if code_of(error) not in NOT_THERE:
            raise
        raise UnusableModelError(
            f"{entry.name}@{entry.version} is not whole on Hopsworks: {name} is not there; run `segue train` for a new"
            " version"
        ) from error
