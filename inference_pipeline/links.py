"""What links a recording to the seeds that are named with it: only what holds is said, and of whom it holds."""

from __future__ import annotations

from collections.abc import Mapping
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
        for place, (_, *seeds), of in zip(at, places[at].tolist(), (found[at] & there[at]).tolist(), strict=True):
            if of == there[place].tolist():
                words[place] = OF_ALL[name]
            elif any(of):
                words[place] = OF_ONE[name].format(seed=wording.title(seeds[of.index(True)]))
    for name, say, labels_of in (("artist", _artist, wording.artists), ("genre", _genre, wording.genres)):
        at = np.flatnonzero(links == NAMES.index(name)).tolist()
        rows = np.unique(places[at])
        labels = dict(zip(rows.tolist(), labels_of(rows), strict=True))
        for place, (own, *seeds), named in zip(at, places[at].tolist(), there[at].tolist(), strict=True):
            said = say(labels[own], {seed: labels[seed] for seed in compress(seeds, named)}, wording)
            words[place] = said or words[place]
    return words


def _near(years: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(np.abs(years[:, 1:] - years[:, :1]) <= SAME_YEARS)


def _artist(own: Labels, seeds: Mapping[int, Labels], wording: Wording) -> str | None:
    """Say who of `own` is credited on the seeds too; "same artist" only where they come first on both."""
    key, of = _most_shared(own, seeds)
    if not of:
        return None
    first = [key == next(iter(own)) == next(iter(seeds[seed])) for seed in of]
    if len(of) == len(seeds):
        return "same artist" if all(first) else f"{'all' if len(of) > 1 else 'both'} with {own[key]}"
    title = wording.title(of[0])
    return f"same artist as {title}" if first[0] else f"{own[key]} is on {title} too"


def _genre(own: Labels, seeds: Mapping[int, Labels], wording: Wording) -> str | None:
    key, of = _most_shared(own, seeds)
    if not of:
        return None
    return f"same genre: {own[key]}" if len(of) == len(seeds) else f"{own[key]}, like {wording.title(of[0])}"


def _most_shared(own: Labels, seeds: Mapping[int, Labels]) -> tuple[str, list[int]]:
    """Return the first of `own` that most seeds have, and which have it: none where there are no labels."""
    shared = ((key, [seed for seed, labels in seeds.items() if key in labels]) for key in own)
    return max(shared, key=lambda each: len(each[1]), default=("", []))
