"""R-precision: recall in a list that is exactly as long as the answer."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from training_pipeline.metrics.recall import recall


def r_precision(ranked: NDArray[Any], hidden: NDArray[Any]) -> float:
    """Return the share of the R `hidden` recordings among the first R of `ranked`, 0 to 1.

    The form of the RecSys Challenge 2018 that counts tracks, without its later credit for the right artist
    (Chen, Lamere, Schedl, Zamani: "RecSys Challenge 2018: Automatic Music Playlist Continuation").
    """
    return recall(ranked, hidden, at=len(hidden))
