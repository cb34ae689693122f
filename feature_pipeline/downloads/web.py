"""Datasets at a fixed address on the web, through pooch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pooch
import requests

from feature_pipeline.downloads.copies import slug, sweep
from feature_pipeline.downloads.trouble import PATIENCE, knock

if TYPE_CHECKING:
    from feature_pipeline.sources.hub import Hub

CHUNK_BYTES = 1 << 16


def fetch(hub: Hub, folder: Path) -> tuple[Path, ...]:
    """Return the wanted files below the address ``hub.name``.

    Such an address names a release that never changes: a file that is there is not asked for again.
    """
    pooch.get_logger().setLevel("CRITICAL")
    home = folder / slug(hub)
    sweep(home, "tmp*")
    return tuple(_fetch_file(f"{hub.name.rstrip('/')}/{file}", home, file) for file in hub.files)


def _fetch_file(url: str, folder: Path, file: str) -> Path:
    if not (folder / file).is_file():
        knock(lambda: requests.head(url, timeout=PATIENCE, allow_redirects=True).raise_for_status())
    downloader = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(), chunk_size=CHUNK_BYTES, timeout=(PATIENCE, 4 * PATIENCE)
    )
    return Path(pooch.retrieve(url, known_hash=None, fname=file, path=folder, downloader=downloader))
