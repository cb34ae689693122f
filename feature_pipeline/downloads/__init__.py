"""Datasets from the hubs, through their own client libraries, kept in a cache."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from feature_pipeline.downloads.copies import earlier_copy, remember_copy
from feature_pipeline.downloads.quiet import quiet
from feature_pipeline.downloads.trouble import is_trouble, understand
from segue.console import note
from segue.errors import SourceUnavailableError
from segue.locks import alone_at

if TYPE_CHECKING:
    from feature_pipeline.sources.hub import Hub


def download(hub: Hub, cache: Path) -> tuple[Path, ...]:
    """Return the files of a dataset, downloading what the cache does not hold yet.

    Hugging Face and Kaggle are asked for the latest version each time. When that fails, the files of the last download
    that went well are used, and a note says so. Several processes may ask for the same dataset at once.

    Parameters
    ----------
    hub : Hub
        Where the dataset is, and which of its files are wanted.
    cache : Path
        Folder that keeps downloads; created if needed.

    Returns
    -------
    tuple of Path
        One for each of ``hub.files``, in their order.

    Raises
    ------
    SourceUnavailableError
        If there is neither the dataset nor an earlier copy; the message says why and what to do.
    """
    folder = cache / hub.kind
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # kagglehub continues partial files in place, which two must not do at once.
        with alone_at(folder / ".lock", f"downloading to {folder}"), quiet():
            paths = _client(hub)(hub, folder)
            remember_copy(folder, hub, paths)
    except Exception as error:
        if not is_trouble(error):
            raise
        trouble = understand(error, hub)
        copy = earlier_copy(folder, hub)
        if copy is None:
            raise SourceUnavailableError(f"{trouble.problem}: {trouble.advice}") from error
        taken = datetime.fromtimestamp(copy[0].stat().st_mtime, timezone.utc)
        note(f"{trouble.problem}: using the copy of {hub.name} from {taken:%Y-%m-%d}")
        return copy
    return paths


def _client(hub: Hub) -> Callable[[Hub, Path], tuple[Path, ...]]:
    """Import one hub's client only when it is asked for: they are heavy."""
    if hub.kind == "huggingface":
        from feature_pipeline.downloads.huggingface import fetch
    elif hub.kind == "kaggle":
        from feature_pipeline.downloads.kaggle import fetch
    else:
        from feature_pipeline.downloads.web import fetch
    return fetch
