"""The catalog in the order of a listener's taste."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.library import Library
from inference_pipeline.profile import Profile
from segue.errors import InputError
from segue.models.ranking import Query, Ranking, rank

SHORTLIST = 1500
"""So many are looked at first: mostly that is enough."""
FURTHER = 6000
"""So many of those that the filters would leave, where it is not."""


@dataclass(frozen=True)
class Ranked:
    """What a listener's playlists are made of, whatever their kinds.

    Attributes
    ----------
    library : Library
    profile : Profile
    query : Query
        What of it the model knows.
    """

    library: Library
    profile: Profile
    query: Query

    @cached_property
    def shortlist(self) -> Ranking:
        """The best of what may be recommended."""
        return self._rank(SHORTLIST)

    def among(self, rows: NDArray[np.intp]) -> Ranking:
        """Return the best of some rows of the model, as many as are found without ranking all of them."""
        candidates = np.zeros(len(self.library.candidates), bool)
        candidates[rows] = True
        return self._rank(FURTHER, candidates)

    @cached_property
    def whole(self) -> Ranking:
        """All that may be recommended."""
        return self._rank(len(self.library.candidates))

    def _rank(self, n: int, candidates: NDArray[np.bool_] | None = None) -> Ranking:
        return next(_rankings(self.library, [self.query], n, candidates))


def rank_catalog(library: Library, profile: Profile, rows: NDArray[np.intp] | None = None) -> Ranked:
    """Say what a listener's playlists are made of.

    Parameters
    ----------
    rows : ndarray of int, shape (n_liked,), optional
        Where the model has what they like, -1 for what it lacks; looked up where it is not known yet.

    Raises
    ------
    InputError
        If what they like came after the model was trained.
    """
    rows = library.model.rows(profile.liked.index) if rows is None else rows
    query = Query(rows[rows >= 0], profile.liked.to_numpy("float32")[rows >= 0])
    if not (query.preferences > 0).any():
        raise InputError("what they play came after the model was trained: run `segue train`")
    return Ranked(library, profile, query)


def rank_together(listeners: Sequence[Ranked]) -> None:
    """Work out the shortlists of listeners in the same library at once, in a fraction of the time."""
    if listeners:
        rankings = _rankings(listeners[0].library, [each.query for each in listeners], SHORTLIST)
        for each, ranking in zip(listeners, rankings, strict=True):
            # Where a cached property keeps what it has worked out.
            vars(each)["shortlist"] = ranking


def _rankings(
    library: Library, queries: Sequence[Query], n: int, candidates: NDArray[np.bool_] | None = None
) -> Iterator[Ranking]:
    model, open_to = library.model, library.recommendable if candidates is None else candidates
    return rank(model, queries, n, open_to, model.artists, model.discount)
