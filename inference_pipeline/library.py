"""What recommending needs, whoever it is for: a model, and what is known of its recordings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.candidates import describe_candidates
from inference_pipeline.diversity import SoundScale
from inference_pipeline.filters import Candidates, Described
from inference_pipeline.moods import MOODS, Ranges, learn_ranges
from inference_pipeline.newcomers import audio_space
from inference_pipeline.sound import audible
from inference_pipeline.wording import Wording
from segue.groups import DTYPES
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.nearest import NearestRows
from segue.models.vectors import Vectors


@dataclass(frozen=True)
class Library:
    """A model and the catalog, read with what is needed of it: `inference_pipeline.candidates.COLUMNS` is all."""

    model: Blend
    catalog: Catalog

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """What is known of each row of the model: `describe_candidates`."""
        return describe_candidates(self.catalog, self.model.track_ids)

    @cached_property
    def described(self) -> Described:
        """The same as filters look at it."""
        return Described(self.candidates)

    def at(self, rows: NDArray[np.intp]) -> Candidates:
        """Return some rows of the model as filters look at them."""
        return Candidates(self.described, rows)

    def songs_and_credits(
        self, recordings: NDArray[np.object_], rows: NDArray[np.intp]
    ) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Return the songs and the credits of recordings, as `describe_candidates` does; `rows` are -1 for new ones."""
        found = self.candidates["song"].to_numpy()[rows], self.candidates["credits"].to_numpy()[rows]
        if (rows < 0).any():
            new = describe_candidates(self.catalog, pd.Index(recordings[rows < 0], dtype=DTYPES["text"]))
            for column, name in zip(found, ("song", "credits"), strict=True):
                column[rows < 0] = new[name]
        return found

    @cached_property
    def recommendable(self) -> NDArray[np.bool_]:
        """Which rows of the model are still in the catalog, shape (n,)."""
        return self.catalog.recommendable(self.model.track_ids)

    @cached_property
    def sound(self) -> SoundScale:
        """What is average in the catalog."""
        return SoundScale.of(self.candidates)

    @cached_property
    def audible(self) -> Vectors:
        """What there are words for of each recording's sound: `inference_pipeline.sound.audible`."""
        return audible(self.model, self.catalog)

    @cached_property
    def wording(self) -> Wording:
        """What the recordings are called."""
        return Wording.of(self.catalog, self.model.track_ids)

    @cached_property
    def by_sound(self) -> NearestRows:
        """What finds the nearest rows by sound.

        Raises
        ------
        InputError
            If the model does not place by sound.
        """
        return NearestRows(audio_space(self.model).vectors_)

    @cached_property
    def mood_ranges(self) -> dict[str, Ranges]:
        """The feature ranges of each mood, by its name."""
        return {name: learn_ranges(mood, self.candidates) for name, mood in MOODS.items()}
