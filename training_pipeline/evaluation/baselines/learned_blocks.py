"""What playlists say of a catalog's recordings, as blocks beside those of content."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from training_pipeline.evaluation.baselines import artist_graph, content, cooccurrence
from training_pipeline.evaluation.baselines.als import Factors, factorize
from training_pipeline.evaluation.baselines.baseline import Block
from training_pipeline.evaluation.baselines.popular import for_everybody
from training_pipeline.evaluation.baselines.predicted_co_listening import predicted_factors
from training_pipeline.evaluation.blocks import artists, cosines, raw_popularity
from training_pipeline.holdout import Rows

Blocks = dict[str, Block]


class Learner:
    """A catalog that is placed once and learned of as often as there are playlists.

    Parameters
    ----------
    recordings : DataFrame
        The catalog, indexed by track_id.
    """

    def __init__(self, recordings: pd.DataFrame) -> None:
        self._vectors = content.vectors(recordings)
        self._made = artists(recordings)
        popular = for_everybody(raw_popularity(recordings))
        self._content = {**content.by_cosine(self._vectors), "popularity": popular}
        self._n = len(recordings)

    def content(self, playlists: Sequence[Rows]) -> Blocks:  # noqa: ARG002 - as the others
        """Return the blocks of content: playlists do not change them."""
        return self._content

    def predicted(self, playlists: Sequence[Rows]) -> Blocks:
        """Return content, and what playlists say even of recordings that are on none."""
        return self._predicted(playlists, factorize(playlists, self._n))

    def everything(self, playlists: Sequence[Rows]) -> Blocks:
        """Return all of these, and what playlists say of the recordings that are on them."""
        factors = factorize(playlists, self._n)
        own = {"co-occurrence": cooccurrence.block(playlists, self._n), "ALS": factors.fold_in}
        return self._predicted(playlists, factors) | own

    def _predicted(self, playlists: Sequence[Rows], factors: Factors) -> Blocks:
        graph = artist_graph.block(self._made, playlists)
        placed = predicted_factors(self._vectors, factors)
        return {**self._content, "artist graph": graph, "predicted": partial(cosines, vectors=placed)}
