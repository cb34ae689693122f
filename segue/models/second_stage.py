r"""The second stage: what the first finds likeliest is put in order again, by weights of its own.

The first stage's weights have to hold for a whole catalog; to order the likeliest recordings takes others. In the
shortlist of each world (`segue.models.worlds`) the chances become

.. math:: P(c \mid S) \propto P_1(c \mid S) \, e^{g\, \theta \cdot x_c}

and sum to what they summed to before, so that whatever is on no shortlist keeps its chance. θ is a conditional logit
over shortlists of simulated listeners, each made by a first stage that has not seen them. It is learned from playlists,
so it counts as far as the playlists know the listener: g is the share of their seeds that is on any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.models.content import Content
from segue.models.first_stage import Listener
from segue.models.ranking import places
from segue.models.recommender import Emphasis
from segue.models.spaces.colisten.playlists import Playlists
from segue.models.vectors import Vectors

SHORTLIST = 300
# What varies less among a shortlist than this does not tell its recordings apart.
TINY = 1e-4


@dataclass(frozen=True)
class Shortlist:
    """The recordings of a world that are likeliest for a listener, the likeliest first.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
    places : ndarray of int, shape (m,)
        Where they are among what was looked at for the listener.
    features : ndarray of float32, shape (m, d)
        What the second stage sees of each, times the gate: the score in each space of the world; the same in standard
        deviations of the shortlist; log(1 + seeds by the same artist); log(1 + place among the artist's); its facts.
    spreads : mapping of str to float
        The standard deviation of each space's scores; infinity where they hardly vary.
    """

    rows: NDArray[np.intp]
    places: NDArray[np.intp]
    features: Vectors
    spreads: Mapping[str, float]


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

    def reorder(self, listener: Listener, shortlists: Sequence[Shortlist]) -> list[Emphasis]:
        """Write the new log chances of the shortlists of each world into the listener's scores.

        Returns
        -------
        list of Emphasis
            The same in other words: on a shortlist, the second stage is a change of the spaces' weights, beside what
            has to do with no seed.
        """
        used = [
            (shortlist, weights)
            for shortlist, weights in zip(shortlists, self.weights, strict=True)
            if len(shortlist.rows) and len(weights)
        ]
        for shortlist, weights in used:
            likely = listener.scores[shortlist.places]
            logits = likely + shortlist.features @ weights
            listener.scores[shortlist.places] = logits - np.logaddexp.reduce(logits) + np.logaddexp.reduce(likely)
        return [_emphasis(shortlist, listener.gate * weights) for shortlist, weights in used]

    def shortlist(
        self,
        scores: Mapping[str, Vectors],
        at: NDArray[np.intp],
        listener: Listener,
        artists: NDArray[np.integer[Any]],
    ) -> Shortlist:
        """Return a shortlist with its features.

        Parameters
        ----------
        scores : mapping of str to ndarray of float32, shape (m,)
            What the spaces say of the recordings `at` these places.
        at : ndarray of int, shape (m,)
            Of what was looked at for the listener, the likeliest first.
        listener : Listener
        artists : ndarray of int, shape (n,)
            A number for the first artist of each recording.
        """
        own, rows = np.stack(list(scores.values()), axis=1), listener.rows[at]
        if not len(rows):
            return Shortlist(rows, at, np.empty((0, 2 * len(scores) + 4), np.float32), dict.fromkeys(scores, np.inf))
        deviations = own.std(axis=0)
        spreads = np.where(deviations > TINY, deviations, np.inf)
        among_artists = np.log1p(
            np.stack([by_same_artist(artists, rows, listener.seeds).sum(axis=1), places(artists[rows])], axis=1)
        )
        found = np.concatenate([own, (own - own.mean(axis=0)) / spreads, among_artists, self.facts[rows]], axis=1)
        return Shortlist(
            rows,
            at,
            np.asarray(listener.gate * found, np.float32),
            dict(zip(scores, spreads.tolist(), strict=True)),
        )


def by_same_artist(
    artists: NDArray[np.integer[Any]], rows: NDArray[np.intp], seeds: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return whether the first artist of each row is that of each seed, shape (len(rows), len(seeds))."""
    return np.asarray(artists[rows][:, None] == artists[seeds])


def _emphasis(shortlist: Shortlist, weights: Vectors) -> Emphasis:
    n = len(shortlist.spreads)
    added = {
        name: float(weights[place] + weights[n + place] / spread)
        for place, (name, spread) in enumerate(shortlist.spreads.items())
    }
    return Emphasis(shortlist.rows, added, float(weights[2 * n]))
