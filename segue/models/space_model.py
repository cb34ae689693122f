"""A trained space: what is registered and what recommends."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import InconsistentVersionWarning

from segue.errors import RegistryError
from segue.groups import DTYPES
from segue.models.audio import FEATURES, AudioSpace
from segue.models.knn import PreferenceKNN
from segue.models.neighbor_graph import NeighborGraph, nearest_neighbors

ESTIMATORS = "estimator.joblib"
VECTORS = "vectors.npy"
RECORDINGS = "recordings.npy"
ID_BYTES = "S22"


@dataclass(frozen=True)
class SpaceModel:
    """Recordings placed in a space, with their neighbors and the regressor that predicts preferences.

    Attributes
    ----------
    space : AudioSpace
        Fitted: places further tracks as it placed these.
    regressor : PreferenceKNN
        With its parameters; fitted anew to each listener's seeds.
    recordings : ndarray of bytes, shape (n,)
        The track_id of each row.
    vectors : ndarray of float32, shape (n, d)
        Unit rows.
    graph : NeighborGraph
    """

    space: AudioSpace
    regressor: PreferenceKNN
    recordings: NDArray[np.bytes_]
    vectors: NDArray[np.float32]
    graph: NeighborGraph

    @cached_property
    def track_ids(self) -> pd.Index[str]:
        """The track_id of each row."""
        ids: pd.Index[str] = pd.Index(self.recordings.astype(str), dtype=DTYPES["text"], name="track_id")
        return ids

    def rows(self, track_ids: Sequence[str] | pd.Series | pd.Index) -> NDArray[np.intp]:
        """Return the row of each recording; -1 where it is not in this model."""
        return np.asarray(self.track_ids.get_indexer(pd.Index(track_ids, dtype=DTYPES["text"])))

    def save(self, folder: Path) -> None:
        """Write the model's files into `folder`."""
        joblib.dump({"space": self.space, "regressor": self.regressor}, folder / ESTIMATORS)
        np.save(folder / VECTORS, self.vectors)
        np.save(folder / RECORDINGS, self.recordings)
        self.graph.save(folder)

    @classmethod
    def load(cls, folder: Path) -> SpaceModel:
        """Open the model in `folder`; its arrays are mapped into memory, not read.

        Raises
        ------
        RegistryError
            If a file is missing or unreadable, was written by another version of scikit-learn, or is of other features.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", InconsistentVersionWarning)
                estimators = _load_estimators(folder / ESTIMATORS)
            recordings = np.load(folder / RECORDINGS, mmap_mode="r")
            vectors = np.load(folder / VECTORS, mmap_mode="r")
            return cls(**estimators, recordings=recordings, vectors=vectors, graph=NeighborGraph.load(folder))
        except InconsistentVersionWarning as warning:
            raise RegistryError(
                f"{folder}: trained with scikit-learn {warning.original_sklearn_version}, but "
                f"{warning.current_sklearn_version} is installed: run `segue train`"
            ) from None
        except (OSError, ValueError, EOFError) as error:
            raise RegistryError(f"{folder}: cannot be used ({error}); run `segue train` for a new version") from error


def _load_estimators(path: Path) -> dict[str, Any]:
    try:
        loaded = joblib.load(path)
        estimators = {name: loaded[name] for name in ("space", "regressor")}
        features = tuple(estimators["space"].feature_names_in_)
    except InconsistentVersionWarning:
        raise
    except Exception as error:  # a damaged file can make the unpickler raise anything
        raise ValueError(f"{path.name}: {type(error).__name__}: {error}") from error
    if features != FEATURES:
        raise ValueError(f"it compares other audio features than Segue does now: {', '.join(features)}")
    return estimators


def train_space(features: pd.DataFrame, space: AudioSpace, regressor: PreferenceKNN, n_neighbors: int) -> SpaceModel:
    """Fit `space` to `features` (indexed by track_id, one row for each recording) and find the neighbors in it."""
    vectors = space.fit(features).transform(features)
    recordings = features.index.to_numpy(dtype=str).astype(ID_BYTES)
    return SpaceModel(space, regressor, recordings, vectors, nearest_neighbors(vectors, n_neighbors))
