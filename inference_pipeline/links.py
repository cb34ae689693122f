"""What links a recording to the seeds that are named with it: only what holds is said, and of whom it holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from inference_pipeline.wording import Labels, Wording

LINKS = {
    "playlists": ("als", "neighbors", "embedding"),
    "genre": ("genre", "tags"),
    "artist": ("artist",),
    "sound": ("audio", "autoencoder"),
    "era": ("era",),
    "popularity": ("popularity",),
}
"""What links a recording to a seed, and the spaces that say so."""
NAMES = tuple(LINKS)
WEAK = ("era", "popularity")
"""These are named only where there is nothing else to say: much comes from the same years."""
NONE = -1
SAME_YEARS = 5
OF_ALL = {"playlists": "together on playlists", "era": "same years"}
OF_ONE = {"playlists": "on playlists with {seed}", "era": "same years as {seed}"}
OF_NONE = {
    "playlists": "at home on similar playlists",
    "genre": "similar genres",
    "artist": None,
    "sound": "close in sound",
    "era": "years that go together",
    "popularity": "similarly well known",
}


def link_words(
    wording: Wording,
    places: NDArray[np.intp],
    there: NDArray[np.bool_],
    links: NDArray[np.intp],
    together: NDArray[np.bool_],
) -> list[str | None]:
    """Say what links each recording to the seeds that are named with it; None where nothing does.

    Parameters
    ----------
    wording : Wording
    places : ndarray of int, shape (n, 4)
        Where in `wording` each recording is, and its three seeds; any where there is none.
    there : ndarray of bool, shape (n, 3)
        Which seeds there are.
    links : ndarray of int, shape (n,)
        Places in `NAMES`; -1 for none.
    together : ndarray of bool, shape (n, 3)
        Which seeds share a playlist with the recording.
    """
    words = [None if link == NONE else OF_NONE[NAMES[link]] for link in links.tolist()]
    holds = {"playlists": together, "era": _near(wording.years[places])}
    for name, found in holds.items():
        at = np.flatnonzero(links == NAMES.index(name)).tolist()
        for place, of, named in zip(at, found[at].tolist(), there[at].tolist(), strict=True):
            known = list(compress(of, named))
            if all(known):
                words[place] = OF_ALL[name]
            elif any(known):
                words[place] = OF_ONE[name].format(seed=wording.title(places[place, 1 + known.index(True)]))
    for name, say, labels_of in (("artist", _artist, wording.artists), ("genre", _genre, wording.genres)):
        at = np.flatnonzero(links == NAMES.index(name)).tolist()
        rows, numbers = np.unique(places[at], return_inverse=True)
        labels, titles = labels_of(rows), wording.titles_at(rows)
        for place, (own, *others), named in zip(at, numbers.reshape(-1, 4).tolist(), there[at].tolist(), strict=True):
            seeds = list(compress(others, named))
            said = say(labels[own], [labels[seed] for seed in seeds], [titles[seed] for seed in seeds])
            words[place] = said or words[place]
    return words


def _near(years: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(np.abs(years[:, 1:] - years[:, :1]) <= SAME_YEARS)


def _artist(own: Labels, others: Sequence[Labels], titles: Sequence[str]) -> str | None:
    """Say who of `own` is credited on the seeds too; "same artist" only where they come first on both."""
    key, of = _most_shared(own, others)
    if not any(of):
        return None
    first = [key == next(iter(own)) == next(iter(names)) for names in others if key in names]
    if all(of):
        return "same artist" if all(first) else f"{'all' if len(of) > 1 else 'both'} with {own[key]}"
    title = titles[of.index(True)]
    return f"same artist as {title}" if first[0] else f"{own[key]} is on {title} too"


def _genre(own: Labels, others: Sequence[Labels], titles: Sequence[str]) -> str | None:
    key, of = _most_shared(own, others)
    if not any(of):
        return None
    return f"same genre: {own[key]}" if all(of) else f"{own[key]}, like {titles[of.index(True)]}"


def _most_shared(own: Labels, others: Sequence[Labels]) -> tuple[str, list[bool]]:
    """Return the first of `own` that most of the others have, and which have it: none where there are no labels."""
    return max(
        ((key, [key in names for names in others]) for key in own), key=lambda each: sum(each[1]), default=("", [])
    )
