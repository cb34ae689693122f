"""Where a dataset can be downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Hub:
    """A dataset's place on the internet.

    Attributes
    ----------
    kind : {"huggingface", "kaggle", "web"}
        Which client fetches it.
    name : str
        The repository (``owner/name``); for the web, the address of the folder that holds the files.
    files : tuple of str
        The files to take from there.
    """

    kind: Literal["huggingface", "kaggle", "web"]
    name: str
    files: tuple[str, ...]
