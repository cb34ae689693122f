"""The map of the catalog: what is where on it, for all visitors alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from app.pictures.tracks import genre_name
from inference_pipeline.filters.base import split_labels
from inference_pipeline.library import Library
from segue.models.map import Positions

PIXELS = 640
BLUR = 1.6
COLOR = (110, 125, 140)
"""Stands out from a light page and from a dark one."""
MOST_OPAQUE = 0.62
MOST_COMMON, MOST_LABELS = 150, 60
GATHERED = 0.5
"""The share of a genre's recordings that its area is judged by: what has strayed does not count."""
SMALL = 0.03
"""Radius below which a genre is in one place, however much smaller it is."""


@dataclass(frozen=True)
class Label:
    """A genre on the map.

    Attributes
    ----------
    name : str
    x, y : float
        Where the middle of it is, 0 to 1, from the left and from the top.
    """

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Atlas:
    """The map of a model.

    Attributes
    ----------
    library : Library
    positions : ndarray of float16, shape (n, 2)
        Of each row of the model, 0 to 1.
    """

    library: Library
    positions: Positions

    @cached_property
    def labels(self) -> list[Label]:
        """The genres that are in one place, large ones in a small place first."""
        found = []
        for name, rows in self._commonest().items():
            own = self.positions[rows].astype("float64")
            middle = np.median(own, axis=0)
            radius = float(np.quantile(np.hypot(*(own - middle).T), GATHERED))
            found.append((len(own) / max(radius, SMALL), Label(name, *middle.tolist())))
        return [label for _, label in sorted(found, key=lambda pair: (-pair[0], pair[1].name))][:MOST_LABELS]

    @cached_property
    def image(self) -> bytes:
        """How many recordings are where, as a PNG that lets the page shine through."""
        x, y = (self.positions.astype("float64").T * (PIXELS - 1)).round().astype("int64")
        counts = np.bincount(y * PIXELS + x, minlength=PIXELS * PIXELS).reshape(PIXELS, PIXELS)
        dense = np.log1p(counts)
        alpha = Image.fromarray((255 * dense / max(1.0, float(dense.max()))).astype(np.uint8))
        smooth = np.asarray(alpha.filter(ImageFilter.GaussianBlur(BLUR)), np.float64)
        # What nine in ten of the filled places have or less takes the whole range: a few crowded ones do not dim all.
        full = float(np.quantile(smooth[smooth > 0], 0.9)) if smooth.any() else 1.0
        shown = Image.new("RGBA", alpha.size, (*COLOR, 0))
        shown.putalpha(Image.fromarray((255 * MOST_OPAQUE * np.clip(smooth / full, 0, 1)).astype(np.uint8)))
        written = BytesIO()
        shown.save(written, "PNG", optimize=True)
        return written.getvalue()

    def _commonest(self) -> dict[str, NDArray[np.intp]]:
        """Return the rows of each of the commonest genres."""
        labels = pd.Series([sorted(own) for own in split_labels(self.library.candidates["labels"])])
        labels = labels.explode().dropna().map(genre_name)
        names = labels.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:MOST_COMMON]
        kept = labels[labels.isin(names)]
        return {str(name): rows.to_numpy() for name, rows in kept.index.to_series().groupby(kept.to_numpy(object))}
