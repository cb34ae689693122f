"""Filters on what it sounds like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOST_SPEECH = 0.66
"""Above this share of spoken words Spotify calls a track talk."""
LEAST_LENGTH_MS = 30_000
NOISE = r"(?i)\b(?:white|brown|pink|fan|rain|ocean|nature)\s+(?:noises?|sounds?)\b"
"""Titles of what helps to sleep, but has neither tune nor beat."""


@dataclass(frozen=True)
class Music:
    """Remove what is no music: talk, noise, and snippets shorter than half a minute."""

    name: ClassVar[str] = "not music"

    def keep(self, candidates: pd.DataFrame) -> NDArray[np.bool_]:
        """Return which rows stay."""
        talk = candidates["speechiness"] > MOST_SPEECH
        snippet = candidates["duration_ms"] < LEAST_LENGTH_MS
        noise = candidates["title"].str.contains(NOISE, regex=True).fillna(value=False).astype(bool)
        return ~(talk | noise | snippet).to_numpy(bool)


@dataclass(frozen=True)
class FeatureRanges:
    """Keep only what has every feature within its closed range."""

    ranges: Mapping[str, tuple[float, float]]
    name: ClassVar[str] = "other moods"

    def keep(self, candidates: pd.DataFrame) -> NDArray[np.bool_]:
        """Return which rows stay."""
        fits = np.ones(len(candidates), bool)
        for feature, (low, high) in self.ranges.items():
            fits &= candidates[feature].between(low, high).to_numpy(bool)
        return fits
