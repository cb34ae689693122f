"""How varied a list is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.filters import Candidates
from segue.groups import GRADUAL_FEATURES


@dataclass(frozen=True)
class SoundScale:
    """What is average: the mean and the standard deviation of each feature of `GRADUAL_FEATURES` in the catalog."""

    means: NDArray[np.float64]
    deviations: NDArray[np.float64]

    @classmethod
    def of(cls, catalog: pd.DataFrame) -> SoundScale:
        """Measure a catalog; a feature that does not vary, or that nothing has, tells nothing."""
        values = catalog[list(GRADUAL_FEATURES)].astype("float64")
        deviations = values.std(ddof=0).to_numpy()
        return cls(values.mean().fillna(0).to_numpy(), np.where(deviations > 0, deviations, np.inf))


def content_vectors(candidates: Candidates, scale: SoundScale) -> NDArray[np.float64]:
    """Return vectors of equal parts of genre labels and of sound, whose products are the cosines of candidates.

    What is missing is 0. So is a label that no other candidate has, and the vector is shorter: it is like nobody's.
    """
    sound = _sound_vectors(candidates, scale)
    places, codes, shares = candidates.genres
    labeled = np.bincount(places, minlength=len(candidates)) > 0
    part = 1 / np.maximum(1, labeled + sound.any(axis=1).astype(np.intp))
    shared = np.bincount(codes, minlength=1) > 1
    columns = np.cumsum(shared) - 1
    width, kept = columns[-1] + 1, shared[codes]
    vectors = np.zeros((len(candidates), width + sound.shape[1]))
    # The shares of a candidate sum to 1: so do the squares of these.
    vectors[places[kept], columns[codes[kept]]] = np.sqrt(shares * part[places])[kept]
    vectors[:, width:] = sound * np.sqrt(part)[:, None]
    return vectors


def intra_list_similarity(vectors: NDArray[np.float64]) -> float:
    """Return the mean cosine of all pairs of `content_vectors`; 0 where there is no pair."""
    n = len(vectors)
    if n < 2:  # noqa: PLR2004 - one and another
        return 0.0
    total = vectors.sum(axis=0)
    return float((total @ total - (vectors * vectors).sum()) / (n * (n - 1)))


def _sound_vectors(candidates: Candidates, scale: SoundScale) -> NDArray[np.float64]:
    """Return how each candidate differs from what is average, as rows of length 1; of zeros where that is unknown."""
    sound = np.array([candidates.column(name) for name in GRADUAL_FEATURES]).T
    vectors = (sound - scale.means) / scale.deviations
    vectors[np.isnan(vectors)] = 0
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
    return vectors / np.where(lengths > 0, lengths, 1)[:, None]
