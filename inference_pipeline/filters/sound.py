"""Filters on what it sounds like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.filters.candidates import Candidates

MOST_SPEECH = 0.66
"""Above this share of spoken words Spotify calls a track talk."""
LEAST_LENGTH_MS = 30_000


@dataclass(frozen=True)
class Music:
    """Remove what is no music: talk, noise, and snippets shorter than half a minute."""

    name: ClassVar[str] = "not music"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        talk = candidates.column("speechiness") > MOST_SPEECH
        snippet = candidates.column("duration_ms") < LEAST_LENGTH_MS
        noise = candidates.column("noise") > 0
        return np.asarray(~(talk | noise | snippet))


@dataclass(frozen=True)
class FeatureRanges:
    """Keep only what has every feature within its closed range."""

    ranges: Mapping[str, tuple[float, float]]
    name: ClassVar[str] = "other moods"

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay."""
        fits = np.ones(len(candidates), bool)
        for feature, (low, high) in self.ranges.items():
            values = candidates.column(feature)
            fits &= (values >= low) & (values <= high)
        return fits
