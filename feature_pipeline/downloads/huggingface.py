"""Datasets on Hugging Face, through huggingface_hub."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from feature_pipeline.downloads.copies import sweep
from feature_pipeline.downloads.trouble import PATIENCE, MissingError, knock

if TYPE_CHECKING:
    from feature_pipeline.sources.hub import Hub


def fetch(hub: Hub, folder: Path) -> tuple[Path, ...]:
    """Return the wanted files of a dataset, in their latest version, downloading those that are not there yet."""
    # The library reads these from the environment when it is first imported, maybe long before us. Xet is a second
    # protocol, to other hosts, that retries for minutes; plain HTTPS is as good for files of this size.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    constants.HF_HUB_DISABLE_XET = True
    sweep(folder, "*.incomplete")
    return tuple(_fetch_file(hub.name, file, folder) for file in hub.files)


def _fetch_file(name: str, file: str, folder: Path) -> Path:
    endpoint = os.environ.get("HF_ENDPOINT")
    url = hf_hub_url(name, file, repo_type="dataset", endpoint=endpoint)
    # `hf_hub_download` retries for half a minute when the hub is down: ask first, in a way that does not.
    knock(lambda: _look_up(url))
    return Path(hf_hub_download(name, file, repo_type="dataset", cache_dir=folder, endpoint=endpoint))


def _look_up(url: str) -> None:
    try:
        get_hf_file_metadata(url, timeout=PATIENCE)
    except GatedRepoError:
        raise
    except RepositoryNotFoundError as error:
        # The hub says 401 for a dataset that does not exist; only its client can tell that from a closed one.
        raise MissingError from error
