"""The catalog in the order of a listener's taste."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from inference_pipeline.library import Library
from inference_pipeline.profile import Profile
from segue.errors import InputError
from segue.models.ranking import Query, Ranking, rank

# So many are looked at first; only where the filters leave too few of them, all.
SHORTLIST = 3000


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
        """The best of what may be recommended: that is mostly enough, and ten times as fast as all of it."""
        return self._rank(SHORTLIST)

    @cached_property
    def whole(self) -> Ranking:
        """All that may be recommended."""
        return self._rank(len(self.library.candidates))

    def _rank(self, n: int) -> Ranking:
        model = self.library.model
        return next(rank(model, [self.query], n, self.library.recommendable, model.artists, model.discount))


def rank_catalog(library: Library, profile: Profile) -> Ranked:
    """Rank the whole catalog for a listener.

    Raises
    ------
    InputError
        If what they like came after the model was trained.
    """
    model = library.model
    rows = model.rows(profile.liked.index)
    query = Query(rows[rows >= 0], profile.liked.to_numpy("float32")[rows >= 0])
    if not (query.preferences > 0).any():
        raise InputError("what they play came after the model was trained: run `segue train`")
    return Ranked(library, profile, query)
