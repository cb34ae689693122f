"""What a made-up listener plays: drawn from the catalog by genre, era, popularity and favorite artists.

Everything is drawn from one seed per person, so the same catalog always gives the same lists.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from segue.sandbox.people import Person
from segue.sandbox.songs import Song, missing_song, other_release, same_isrc, songs_of, unknown_song

LIST_LENGTH = 50
LEAST_LIBRARY, MOST_LIBRARY = 70, 140
"""How many tracks somebody knows: a third of what there is for them, so that there is something left to discover."""
FAVORITES = 0.65
"""Share of them that is by favorite artists."""
FAVORITE_ARTISTS = 20
PER_FAVORITE, PER_OTHER = 8, 2
PROMINENCE = 12.0
"""Within a genre, a track at the top is e^12 times as likely to be played as one at the bottom."""
ERA_UNKNOWN, ERA_MISSED = 0.6, 0.03
NOISE = {"long_term": 0.3, "medium_term": 1.0, "short_term": 2.0}
"""How far a list strays from the lasting order of liking, in standard deviations of it."""
SHARES: dict[Callable[[Song], Song], float] = {
    other_release: 0.13,
    same_isrc: 0.04,
    missing_song: 0.11,
    unknown_song: 0.05,
}
"""Shares of what is played that the catalog does not have by id: about what real catalogs lack, less pessimistic."""


def label_rows(catalog: pd.DataFrame) -> pd.Series:
    """Return every genre label of the catalog, indexed by its row."""
    labels = pd.concat([catalog["genres"], catalog["artist_genres"]]).dropna().astype(object)
    exploded: pd.Series = labels.str.split(";").explode()
    return exploded


def listening(person: Person, catalog: pd.DataFrame, labels: pd.Series) -> dict[str, list[Song]]:
    """Draw a person's lists.

    Parameters
    ----------
    person : Person
    catalog : DataFrame
        Titled tracks, one a recording: what a song is made of, ``popularity_percentile`` and a unique index.
    labels : Series
        Its `label_rows`.

    Returns
    -------
    dict
        ``short_term``, ``medium_term``, ``long_term``: up to 50 songs, the most played first;
        ``recently_played``: 50 plays, the latest first, some songs more than once.
    """
    random = np.random.default_rng(list(person.user_id.encode()))
    library = _library(catalog, _appeal(person, catalog, labels), random)
    songs = _with_gaps(songs_of(library), random)
    liking = np.linspace(1.7, -1.7, len(songs))  # the standard deviations of a uniform order
    lists = {}
    for time_range, noise in NOISE.items():
        order = np.argsort(-(liking + noise * random.standard_normal(len(songs))))
        lists[time_range] = [songs[place] for place in order[:LIST_LENGTH]]
    plays = random.geometric(0.03, LIST_LENGTH) - 1
    short = lists["short_term"]
    return {**lists, "recently_played": [short[play % len(short)] for play in plays] if short else []}


def _appeal(person: Person, catalog: pd.DataFrame, labels: pd.Series) -> pd.Series:
    """Return how likely each track is to be played, relative to the others; what is never played is left out."""
    weights = labels.map(dict(person.taste.genres)).dropna()
    affinity = weights.groupby(level=0).sum()
    if len(affinity) < LIST_LENGTH:
        # A catalog that knows none of these labels: they play what is popular in it.
        affinity = affinity.reindex(catalog.index, fill_value=0.01)
    pool = catalog.loc[affinity.index]
    first, last = person.taste.years
    era = pool["year"].between(first, last).map({True: 1.0, False: ERA_MISSED}).astype("float64")
    prominence = pool["popularity_percentile"].fillna(0).rank(pct=True)
    return affinity * era.where(pool["year"].notna(), ERA_UNKNOWN) * np.exp(PROMINENCE * prominence)


def _library(catalog: pd.DataFrame, appeal: pd.Series, random: np.random.Generator) -> pd.DataFrame:
    """Return the tracks that somebody knows, best liked first: most by favorite artists, the others from all around."""
    artist = catalog.loc[appeal.index, "artists"].str.split(";").str[0]
    by_artist = appeal.sort_values(ascending=False).groupby(artist).head(PER_FAVORITE).groupby(artist).sum()
    favorites = _draw(by_artist, FAVORITE_ARTISTS, random)
    loved = artist.isin(favorites)
    size = int(np.clip(len(appeal) // 3, LEAST_LIBRARY, MOST_LIBRARY))
    drawn = _draw(appeal[loved], int(FAVORITES * size), random, artist, PER_FAVORITE)
    # More by the favorites only where a small catalog has too little else.
    rest = appeal.where(~loved, appeal * 1e-9).drop(drawn)
    others = _draw(rest, size - len(drawn), random, artist, PER_OTHER)
    # The others spread over the whole order, but begin below the best loved.
    order = np.concatenate([np.arange(len(drawn)), np.linspace(8, size, len(others))])
    return catalog.loc[[*drawn, *others]].iloc[np.argsort(order, kind="stable")]


def _draw(
    weights: pd.Series,
    size: int,
    random: np.random.Generator,
    group: pd.Series | None = None,
    per_group: int = 0,
) -> pd.Index:
    """Draw labels of `weights` without replacement, in proportion to them (the Gumbel trick), few of any group."""
    keys = np.log(weights) + random.gumbel(size=len(weights))
    ranked = keys.sort_values(ascending=False, kind="stable")
    if group is not None:
        ranked = ranked.groupby(group.reindex(ranked.index)).head(per_group)
    drawn: pd.Index = ranked.index[:size]
    return drawn


def _with_gaps(songs: list[Song], random: np.random.Generator) -> list[Song]:
    """Put other releases and songs that no catalog has in the places of some."""
    changes = [*SHARES, None]
    picks = random.choice(len(changes), len(songs), p=[*SHARES.values(), 1 - sum(SHARES.values())])
    return [_changed(song, changes[pick]) for song, pick in zip(songs, picks, strict=True)]


def _changed(song: Song, change: Callable[[Song], Song] | None) -> Song:
    if change is None or (change is same_isrc and song.isrc is None):
        return song
    return change(song)
