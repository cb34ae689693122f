"""What links a recording to the seeds that are named with it: only what holds is said, and of whom it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, compress
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.recordings import normalize_artists

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
FEATURING = r"\s*[(\[](?:feat\.|ft\.|featuring|with) [^)\]]*[)\]]"
REMASTER = r"(?i)\s+[-–—]\s+[^-–—]*\bremaster(?:ed)?\b[^-–—]*$"

Labels = dict[str, str]
"""What something is labeled with, in its order: each label by the way it is compared."""


def titles_of(recordings: pd.DataFrame) -> pd.Series:
    """Return what people call each recording: its title without guests and remasters, or its id."""
    titles = recordings["title"].str.replace(FEATURING, "", regex=True).str.replace(REMASTER, "", regex=True)
    return titles.where(titles.notna(), recordings.index.to_series())


def link_words(
    known: pd.DataFrame,
    places: NDArray[np.intp],
    there: NDArray[np.bool_],
    links: NDArray[np.intp],
    together: NDArray[np.bool_],
) -> NDArray[np.object_]:
    """Say what links each recording to the seeds that are named with it; None where nothing does.

    Parameters
    ----------
    known : DataFrame
        Rows of the catalog, indexed by track_id.
    places : ndarray of int, shape (n, 4)
        Where in `known` each recording is, and its three seeds.
    there : ndarray of bool, shape (n, 3)
        Which seeds there are.
    links : ndarray of int, shape (n,)
        Places in `NAMES`; -1 for none.
    together : ndarray of bool, shape (n, 3)
        Which seeds share a playlist with the recording.
    """
    titles = titles_of(known).to_numpy(object)
    words: NDArray[np.object_] = np.array([*(OF_NONE[name] for name in NAMES), None], dtype=object)[links]
    holds = {"playlists": together, "era": _near(known["year"], places)}
    for name, found in holds.items():
        for place in np.flatnonzero(links == NAMES.index(name)):
            of = found[place][there[place]]
            if of.all():
                words[place] = OF_ALL[name]
            elif of.any():
                words[place] = OF_ONE[name].format(seed=titles[places[place, 1 + of.argmax()]])
    says = (("artist", _artist, ["artists"], _normal), ("genre", _genre, ["genres", "artist_genres"], list))
    for name, say, columns, spell in says:
        at = np.flatnonzero(links == NAMES.index(name))
        labels = _labels(known[columns], np.unique(places[at]), spell)
        for place, (own, *others), named in zip(at, places[at].tolist(), there[at].tolist(), strict=True):
            seeds = list(compress(others, named))
            said = say(labels[own], [labels[seed] for seed in seeds], titles[seeds])
            words[place] = words[place] if said is None else said
    return words


def _near(years: pd.Series, places: NDArray[np.intp]) -> NDArray[np.bool_]:
    at = years.to_numpy("float64", na_value=np.nan)[places]
    return np.asarray(np.abs(at[:, 1:] - at[:, :1]) <= SAME_YEARS)


def _labels(
    texts: pd.DataFrame, wanted: NDArray[np.intp], spell: Callable[[Sequence[str]], Sequence[str]]
) -> dict[int, Labels]:
    """Return the labels of each place of `texts` that is wanted."""
    cells = texts.iloc[wanted].fillna("").to_numpy(object)
    split = [[name for name in ";".join(row).split(";") if name] for row in cells]
    # All at once: that takes no longer than one.
    distinct = list(set(chain.from_iterable(split)))
    keys = dict(zip(distinct, spell(distinct), strict=True))
    found: dict[int, Labels] = {int(place): {} for place in wanted}
    for labels, names in zip(found.values(), split, strict=True):
        for name in names:
            labels.setdefault(keys[name], name)
    return found


def _artist(own: Labels, others: Sequence[Labels], titles: NDArray[Any]) -> str | None:
    """Say who of `own` is credited on the seeds too; "same artist" only where they come first on both."""
    for key, name, of in _by_most(own, others):
        first = [key == next(iter(own)) == next(iter(names)) for names in others if key in names]
        if all(of):
            return "same artist" if all(first) else f"{'all' if len(of) > 1 else 'both'} with {name}"
        title = titles[of.index(True)]
        return f"same artist as {title}" if first[0] else f"{name} is on {title} too"
    return None


def _genre(own: Labels, others: Sequence[Labels], titles: NDArray[Any]) -> str | None:
    for _, genre, of in _by_most(own, others):
        return f"same genre: {genre}" if all(of) else f"{genre}, like {titles[of.index(True)]}"
    return None


def _by_most(own: Labels, others: Sequence[Labels]) -> Iterator[tuple[str, str, list[bool]]]:
    """Yield each of `own` that any of the others has, and which have it: first what most have, then in order."""
    found = [(key, name, [key in names for names in others]) for key, name in own.items()]
    yield from sorted((each for each in found if any(each[2])), key=lambda each: -sum(each[2]))


def _normal(names: Sequence[str]) -> list[str]:
    normal: list[str] = normalize_artists(names).to_pylist()
    return normal
