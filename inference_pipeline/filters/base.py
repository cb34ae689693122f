"""What every filter can do."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inference_pipeline.filters.candidates import Candidates


class Filter(Protocol):
    """A rule about what stays on a list of candidates.

    A filter that asks for something (a genre, a decade, a mood) keeps what is known to have it; one that excludes
    something (what is disliked, talk) removes what is known to be it.
    """

    @property
    def name(self) -> str:
        """What people read where it is said how many it removed."""
        ...

    def keep(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Return which rows stay.

        Parameters
        ----------
        candidates : Candidates
            The best first.
        """
        ...


def split_labels(joined: pd.Series) -> list[frozenset[str]]:
    """Return the labels in each text that joins them by ``;``; none where it is missing."""
    return [frozenset(text.split(";")) - {""} for text in joined.fillna("").to_list()]
