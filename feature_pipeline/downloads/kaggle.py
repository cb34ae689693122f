"""Datasets on Kaggle, through kagglehub."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kagglehub
import requests
from kagglehub.exceptions import DataCorruptionError
from kagglesdk.kaggle_env import get_endpoint, get_env
from requests.adapters import HTTPAdapter

from feature_pipeline.downloads.trouble import PATIENCE, knock

if TYPE_CHECKING:
    from feature_pipeline.sources.hub import Hub

SERVER_ERRORS = 500


def fetch(hub: Hub, folder: Path) -> tuple[Path, ...]:
    """Return the wanted files of a dataset, in their latest version, downloading those that are not there yet."""
    knock(_ask_for_life)
    with _cache_at(folder), _bounded_waits():
        return tuple(_fetch_file(hub.name, file) for file in hub.files)


def _fetch_file(name: str, file: str) -> Path:
    try:
        return Path(kagglehub.dataset_download(name, path=file))
    except DataCorruptionError:
        # A run that was killed while unpacking leaves a file that cannot be continued; the client has removed it now.
        return Path(kagglehub.dataset_download(name, path=file))


def _ask_for_life() -> None:
    answer = requests.head(get_endpoint(get_env()), timeout=PATIENCE)
    if answer.status_code >= SERVER_ERRORS:
        answer.raise_for_status()


@contextmanager
def _cache_at(folder: Path) -> Iterator[None]:
    """Point kagglehub to our cache; it knows no other way than this variable."""
    before = os.environ.get("KAGGLEHUB_CACHE")
    os.environ["KAGGLEHUB_CACHE"] = str(folder)
    try:
        yield
    finally:
        del os.environ["KAGGLEHUB_CACHE"]
        if before is not None:
            os.environ["KAGGLEHUB_CACHE"] = before


@contextmanager
def _bounded_waits() -> Iterator[None]:
    """Give every request a time-out: kagglehub's own have none, and a silent server would hold us for ever."""
    send = HTTPAdapter.send

    def send_patiently(self: HTTPAdapter, *arguments: Any, **options: Any) -> requests.Response:
        options["timeout"] = options.get("timeout") or (PATIENCE, 4 * PATIENCE)
        return send(self, *arguments, **options)

    HTTPAdapter.send = send_patiently  # type: ignore[method-assign] # kagglehub takes no session of ours
    try:
        yield
    finally:
        HTTPAdapter.send = send  # type: ignore[method-assign] # as it was
