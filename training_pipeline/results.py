"""The results of every test playlist, as they are stored beside a version."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from segue.errors import RegistryError, UnusableModelError
from segue.registry import Model
from training_pipeline.measure import Measured

RESULTS = "results.parquet"
KEY = ["set", "playlist_id"]


def results_of(sets: Mapping[str, Measured]) -> pd.DataFrame:
    """Return the results of every playlist of every set in one frame, with the columns set and playlist_id."""
    parts = [measured.results.reset_index().assign(set=key) for key, measured in sets.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in KEY})


def sets_of(results: pd.DataFrame) -> dict[str, Measured]:
    """Return the sets that `results_of` put in one frame; how much of the catalog they cover is not in it."""
    return {
        str(key): Measured(part.drop(columns="set").set_index("playlist_id"), float("nan"))
        for key, part in results.groupby("set", sort=False)
    }


def read_results(model: Model) -> pd.DataFrame:
    """Return the results that were stored with `model`; none if it was registered without.

    Raises
    ------
    UnusableModelError
        If they are damaged.
    RegistryError
        If they cannot be had or read now.
    """
    path = model.path / RESULTS
    if not path.exists():
        return results_of({})
    try:
        results = pd.read_parquet(path)
    except PermissionError as error:
        raise RegistryError(f"{path}: cannot be read now ({error})") from error
    except (OSError, ValueError) as error:
        raise UnusableModelError(f"{path}: unreadable ({error}); run `segue train` for a new version") from error
    if not set(KEY) <= set(results.columns):
        raise UnusableModelError(f"{path}: holds no results; run `segue train` for a new version")
    return results
