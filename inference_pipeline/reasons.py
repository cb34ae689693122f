"""Why a recording is recommended, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from inference_pipeline.links import LINKS, NAMES, NONE, link_words
from inference_pipeline.sound import in_words, shared_sound
from inference_pipeline.wording import Wording, names_of
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.ranking import Query, Ranking
from segue.models.recommender import Basis
from segue.models.spaces.cosine import CosineSpace
from segue.models.vectors import Vectors

MOST_SEEDS = 3
BEST = 100
"""What sets a recording apart is seen beside so many that fit best: the same for lists of any length and kind."""
ALIKE = 0.3
"""The least cosine of what is said to be alike: five in six pairs of recordings are below it in sound."""
ABSOLUTE = {"sound": "audio", "genre": "tags"}
"""Links that people take for a fact of the songs, not for more than other songs have, and the space that knows it."""
SOUND = NAMES.index("sound")
WEAK = [NAMES.index("era"), NAMES.index("popularity")]
"""These are named only where there is nothing else to say: much comes from the same years."""
CERTAIN = [place for place in range(len(NAMES)) if place not in {SOUND, *WEAK}]
UNLIKE = "Unlike what was disliked"
LEFT_OVER = "The best of what was left"
"""Where no seed speaks for a recording, but it was asked for so many that it came in."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for each recording; `NONE` fills what is missing.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        The recordings.
    seeds : ndarray of int, shape (n, 3)
        Rows of the seeds with the largest terms of the sum, the largest first; only those that raise it.
    links : ndarray of int, shape (n,)
        What links them to the recording, more than to the `BEST` of the ranking, by its place in `links.NAMES`.
    together : ndarray of bool, shape (n, 3)
        Which of these seeds share a public playlist with it.
    sound : ndarray of int, shape (n, 2)
        What the recording and these seeds have in common, as `inference_pipeline.sound.shared_sound` codes it.
    opposed : ndarray of bool, shape (n,)
        Whether seeds that are disliked speak for it, as it is unlike them.
    """

    rows: NDArray[np.intp]
    seeds: NDArray[np.intp]
    links: NDArray[np.intp]
    together: NDArray[np.bool_]
    sound: NDArray[np.intp]
    opposed: NDArray[np.bool_]


def labels(catalog: Catalog, recording_ids: Any) -> list[str]:
    """Return what each recording is called: ``title by first artist``, or its id where it has no title."""
    return names_of(catalog.facts(recording_ids, ["title", "artists"]))


def find_evidence(  # noqa: PLR0913, PLR0917 - a ranking and what it is seen beside
    model: Blend,
    query: Query,
    ranking: Ranking,
    places: NDArray[np.intp],
    audible: Vectors,
    beside: Ranking | None = None,
) -> Evidence:
    """Find the seeds with the largest terms, what links them, and how both sound.

    Parameters
    ----------
    model, query
    ranking : Ranking
    places : ndarray of int, shape (n,)
        Those of it to explain.
    audible : ndarray of float32, shape (n_recordings, 13)
        As `inference_pipeline.sound.audible` returns it.
    beside : Ranking, optional
        The query's, of at least `BEST` recordings where there are so many; by default `ranking` is.
    """
    looked_at = np.zeros(len(ranking.rows), bool)
    looked_at[:BEST] = beside is None
    looked_at[places] = True
    wanted = np.searchsorted(np.flatnonzero(looked_at), places)
    found = _Support.of(model, query, ranking.rows[looked_at], ranking.basis)
    best = found if beside is None else _Support.of(model, query, beside.rows[:BEST], beside.basis)
    usual = best.strengths[:BEST].sum(axis=0) / max(len(best.strengths[:BEST]), 1)
    rows, named, raises = ranking.rows[places], query.seeds[found.columns[wanted]], found.raises[wanted]
    return Evidence(
        rows,
        _padded(np.where(raises, named, NONE), fill=NONE),
        _links(found.strengths[wanted], usual),
        _padded(found.together[wanted], fill=False),
        shared_sound(audible[rows], audible[named], raises),
        found.opposed[wanted],
    )


@dataclass(frozen=True)
class _Support:
    """What the seeds say for some recordings.

    Attributes
    ----------
    columns : ndarray of int, shape (n, 3)
        The places of the seeds with the largest terms, the largest first.
    raises : ndarray of bool, shape (n, 3)
        Whether these raise the score.
    strengths : ndarray of float32, shape (n, links)
        What they add through each link.
    together : ndarray of bool, shape (n, 3)
        Which of them share a playlist with it.
    opposed : ndarray of bool, shape (n,)
        Whether seeds that are disliked speak for it.
    """

    columns: NDArray[np.intp]
    raises: NDArray[np.bool_]
    strengths: Vectors
    together: NDArray[np.bool_]
    opposed: NDArray[np.bool_]

    @classmethod
    def of(cls, model: Blend, query: Query, rows: NDArray[np.intp], basis: Basis | None) -> _Support:
        terms = model.terms(query, rows, basis)
        total = reduce(np.add, terms.values())
        liked = query.preferences > 0
        # What is far from a disliked seed gains by it, but is not like it.
        speaks_for = np.where(liked, total, 0)
        columns = largest(speaks_for, MOST_SEEDS)
        at = np.arange(len(rows))[:, None], columns
        raises = speaks_for[at] > 0
        added = np.stack([values[at] for values in terms.values()]) * raises
        linked = np.array([[name in spaces for name in terms] for spaces in LINKS.values()], np.float32)
        strengths = np.einsum("krs->rk", added) @ linked.T
        for link, space in ABSOLUTE.items():
            placed = model.spaces.get(space)
            if isinstance(placed, CosineSpace):
                cosines = np.einsum("rd,rsd->rs", placed.at(rows), placed.at(query.seeds[columns]))
                strengths[(raises & (cosines < ALIKE)).any(axis=1), NAMES.index(link)] = 0
        # The neighbors of a seed are what shares a playlist with it, and nothing else.
        together = raises & (terms["neighbors"][at] != 0) if "neighbors" in terms else np.zeros_like(raises)
        return cls(columns, raises, strengths, together, np.asarray(total[:, ~liked].sum(axis=1) > 0))


def _links(strengths: NDArray[Any], usual: NDArray[Any]) -> NDArray[np.intp]:
    """Return what links each recording, shape (n,), by the strength of each link, shape (n, links)."""
    there, certain = strengths > 0, (strengths[:, CERTAIN] > 0).any(axis=1)
    # All that fits is on the same playlists, or of the same genre: what is said is what sets this one apart.
    apart = np.where(there, strengths - usual, -np.inf)
    # Any two songs sound alike to some degree: only of those that do more than others that is said before all else.
    apart[certain & (apart[:, SOUND] <= 0), SOUND] = -np.inf
    apart[:, WEAK] = np.where((certain | there[:, SOUND])[:, None], -np.inf, apart[:, WEAK])
    return np.where(there.any(axis=1), apart.argmax(axis=1), NONE)


def _padded(values: NDArray[Any], *, fill: int) -> NDArray[Any]:
    padded = np.full((len(values), MOST_SEEDS), fill, values.dtype)
    padded[:, : values.shape[1]] = values
    return padded


def phrase(wording: Wording, evidence: Sequence[Evidence]) -> list[str]:
    """Put the evidence for one or more rankings into words: one text for each recording.

    Parameters
    ----------
    wording : Wording
        Of the recordings of the model.
    evidence : sequence of Evidence
    """
    rows, seeds, links, together, sound, opposed = (
        np.concatenate([getattr(found, name) for found in evidence])
        for name in ("rows", "seeds", "links", "together", "sound", "opposed")
    )
    there = seeds != NONE
    places = np.column_stack([rows, np.where(there, seeds, rows[:, None])])
    linked = link_words(wording, places, there, links, together)
    names = iter(wording.names.take(pa.array(seeds[there])).to_pylist())
    counts = there.sum(axis=1).tolist()
    return [
        _reason(list(islice(names, count)), link, alike) if count else UNLIKE if against else LEFT_OVER
        for count, link, alike, against in zip(counts, linked, in_words(sound), opposed.tolist(), strict=True)
    ]


def _reason(seeds: Sequence[str], link: str | None, sound: str) -> str:
    """Return "Like a, b and c: the link; all of the sound"."""
    first = ", ".join(seeds[:-1])
    named = f"{first} and {seeds[-1]}" if first else seeds[-1]
    alike = f"{'all' if len(seeds) > 1 else 'both'} {sound}" if sound else None
    why = "; ".join(filter(None, (link, alike)))
    return f"Like {named}: {why}" if why else f"Like {named}"


def largest(values: NDArray[Any], most: int) -> NDArray[np.intp]:
    """Return the columns of the `most` largest values of each row, the largest first; fewer columns stay fewer."""
    left, rows = values.copy(), np.arange(len(values))
    found = np.empty((len(values), min(most, values.shape[1])), np.intp)
    for place in range(found.shape[1]):
        found[:, place] = left.argmax(axis=1)
        left[rows, found[:, place]] = -np.inf
    return found
