r"""The second stage: what the first finds likeliest is put in order again, by weights of its own.

The first stage's weights have to hold for a whole catalog; to order the likeliest recordings takes others. In the
shortlist of each world (`segue.models.worlds`) the chances become

.. math:: P(c \mid S) \propto P_1(c \mid S) \, e^{g\, \theta \cdot x_c}

and sum to what they summed to before, so that whatever is on no shortlist keeps its chance. θ is a conditional logit
over shortlists of simulated listeners, each made by a first stage that has not seen them. It is learned from playlists,
so it counts as far as the playlists know the listener: g is the share of their seeds that is on any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from segue.models.content import Content
from segue.models.ranking import places
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.vectors import Vectors
from segue.models.worlds import Heard

SHORTLIST = 300
TINY = 1e-6


@dataclass(frozen=True)
class Listener:
    """A listener, as the first stage leaves them.

    Attributes
    ----------
    seeds : ndarray of int
        Rows of what they like.
    gate : float
        The share of these that is on any playlist, 0 to 1.
    heard : mapping of str to array
        What each space makes of them, one row.
    scores : ndarray of float32, shape (n,)
        Log chances.
    """

    seeds: NDArray[np.intp]
    gate: float
    heard: Heard
    scores: Vectors


@dataclass(frozen=True)
class Shortlist:
    """The recordings of a world that are likeliest for a listener, the likeliest first.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
    features : ndarray of float32, shape (m, d)
        What the second stage sees of each, times the gate: the score in each space of the world; the same in standard
        deviations of the shortlist; log(1 + seeds by the same artist); log(1 + place among the artist's); its facts.
    """

    rows: NDArray[np.intp]
    features: Vectors


@dataclass(frozen=True)
class SecondStage:
    """Weights beside those of the first stage.

    Attributes
    ----------
    facts : ndarray of float32, shape (n, 2)
        Of recordings that are on no playlist: log(1 + how often their artists' others are on one), and how popular
        they are, as the popularity space has it. Of the others more is known than that: 0.
    weights : sequence of ndarray of float32, shape (d,)
        The weights θ of each world; empty where nothing was learned.
    """

    facts: Vectors
    weights: Sequence[NDArray[np.float32]] = ()

    @classmethod
    def of(cls, content: Content, playlists: Playlists) -> SecondStage:
        """Return a second stage that has learned nothing yet."""
        others = np.log1p(playlists.counts_of_others(content.recordings.credits))
        facts = np.stack([others, content.popularity.log_ranks], axis=1)
        return cls((facts * (playlists.counts == 0)[:, None]).astype(np.float32))

    def reorder(self, listener: Listener, shortlists: Sequence[Shortlist]) -> None:
        """Write the new log chances of the shortlists of each world into the listener's scores."""
        for shortlist, weights in zip(shortlists, self.weights, strict=True):
            if len(shortlist.rows) and len(weights):
                likely = listener.scores[shortlist.rows]
                logits = likely + shortlist.features @ weights
                listener.scores[shortlist.rows] = logits - logsumexp(logits) + logsumexp(likely)

    def features(
        self, scores: Vectors, rows: NDArray[np.intp], listener: Listener, artists: NDArray[np.integer[Any]]
    ) -> Vectors:
        """Return the features of a shortlist, shape (m, d).

        Parameters
        ----------
        scores : ndarray of float32, shape (m, spaces)
            What the spaces say of `rows`.
        rows : ndarray of int, shape (m,)
            The likeliest first.
        listener : Listener
        artists : ndarray of int, shape (n,)
            A number for the first artist of each recording.
        """
        standardized = (scores - scores.mean(axis=0)) / (scores.std(axis=0) + TINY) if len(rows) else scores
        made, counts = np.unique(artists[listener.seeds], return_counts=True)
        by_artist = (artists[rows][:, None] == made) @ counts
        among_artists = np.log1p(np.stack([by_artist, places(artists[rows])], axis=1))
        found = np.concatenate([scores, standardized, among_artists, self.facts[rows]], axis=1)
        return np.asarray(listener.gate * found, np.float32)
