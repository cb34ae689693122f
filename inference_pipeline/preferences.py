"""How much a listener likes each recording, from what they have been playing and what they said."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segue.models.catalog import Catalog

RANGE_WEIGHTS = {"short_term": 1.0, "medium_term": 0.8, "long_term": 0.6, "recently_played": 0.4}
"""What they love now counts more than what they loved; a single recent play says least."""

MATCH_WEIGHTS = {"id": 1.0, "isrc": 1.0, "title": 1.0, "artist": 0.3, "none": 0.0}
"""A track by the same artist only stands in for the one that the catalog lacks."""

HALF_RANK = 50
"""The place in a list that counts half as much as the first."""

HALF_LIFE_DAYS = {"listens": 30.0, "feedback": 180.0}
"""After so many days it counts half."""

LIKE = 0.5
"""A fresh "like" counts more than the first place of any one list (1 / 2.8), and less than that of two."""

MOST_DISLIKING = 0.2
"""The most that all dislikes together weigh against all liking: 0.15 to 0.75, as Rocchio's feedback is mostly used.

See Manning et al. (2008), "Introduction to Information Retrieval", 9.1.1. Someone who says no to a hundred tracks wants
more of what they play, not the opposite of what they refused.
"""

MOST_OF_ARTIST, MOST_OF_ALBUM = 0.2, 0.1
"""The largest share of all liking that one artist and one album may hold."""

MOST_ROUNDS = 200
"""The caps on albums and artists take turns until both hold."""


def preferences(listens: pd.DataFrame, feedback: pd.DataFrame, catalog: Catalog, now: datetime) -> pd.Series:
    r"""Return a listener's preference for each recording, the strongest first.

    A recording's place in each of their lists adds

    .. math:: range \cdot match \cdot \frac{1}{1 + (rank - 1) / 49} \cdot 2^{-age / 30 d}

    which at place 50 is half of what it is at place 1; a list that holds a recording under several ids adds the most
    that one of them would. The sum is divided by that of `RANGE_WEIGHTS`, so that the first place of all four lists is
    1. A "like" adds :math:`0.5 \cdot 2^{-age / 180 d}`, up to 1 in all. Then no album holds more than a tenth of the
    total, and no artist more than a fifth (or twice a fair share, where there are few of them; then an album may hold
    half of what an artist may): their recordings are scaled down alike, so that one binge does not take over. A
    dislike is the last word on a recording, :math:`-2^{-age / 180 d}`, unless it was liked later; where all dislikes
    together come to more than a fifth of all liking, they are scaled down to that. Of equal ones, the one that is
    higher up in any list comes first.

    Parameters
    ----------
    listens, feedback : DataFrame
        One listener's rows of these groups.
    catalog : Catalog
        With the columns artists and album.
    now : datetime
        What ages are counted from.

    Returns
    -------
    Series of float32
        Values from -1 to 1, never 0, indexed by recording_id.
    """
    said = _feedback(feedback, catalog, now)
    listed = _listens(listens, catalog, now)
    total = pd.concat([listed["term"], LIKE * said[said > 0]]).groupby(level=0).sum().clip(upper=1)
    liked = total[(total > 0) & ~total.index.isin(said.index[said < 0])]
    known = catalog.facts(liked.index, ["artists", "album"]).set_axis(liked.index)
    artists = known["artists"].fillna(liked.index.to_series()).map(lambda names: names.split(";")[0])
    # Without an album a track stands alone.
    albums = zip(artists, known["album"].fillna(liked.index.to_series()), strict=True)
    by_album, by_artist = (pd.factorize(pd.Series(list(names), dtype=object))[0] for names in (albums, artists))
    values = _cap_both(liked.to_numpy("float64"), by_album, by_artist)
    refused = said[said < 0]
    most = MOST_DISLIKING * values.sum()
    if 0 < most < -refused.sum():
        refused *= most / -refused.sum()
    both = pd.concat([pd.Series(values, index=liked.index), refused]).astype("float32")
    ranked = both[both != 0].rename_axis("recording_id").to_frame("preference").assign(rank=listed["rank"])
    ordered = ranked.sort_values(["preference", "rank"], ascending=[False, True], kind="stable")
    found: pd.Series = ordered["preference"]
    return found


def _cap_both(values: NDArray[np.float64], albums: NDArray[np.intp], artists: NDArray[np.intp]) -> NDArray[np.float64]:
    # With less than half of what an artist may hold for an album, the two could exclude each other.
    of_album = max(MOST_OF_ALBUM, 1 / (artists.max(initial=0) + 1))
    for _ in range(MOST_ROUNDS):
        # Either cap makes the total smaller, and so the shares of the other kind larger.
        before, values = values, cap_shares(cap_shares(values, albums, of_album), artists, MOST_OF_ARTIST)
        if np.allclose(values, before, rtol=1e-6, atol=0):
            break
    return values


def cap_shares(values: NDArray[np.float64], groups: NDArray[np.intp], most: float) -> NDArray[np.float64]:
    """Scale down the groups that hold more than the share `most` of what is then the total.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Positive.
    groups : ndarray of int, shape (n,)
        From 0.
    most : float
        Where there are fewer than ``2 / most`` groups, twice the share that each would have if all were equal.
    """
    totals = np.bincount(groups, values)
    most = max(most, 2 / max(len(totals), 1))
    ordered = np.sort(totals)[::-1]
    rest = totals.sum()
    # With the k largest at the limit t, and `rest` below it: t = most (k t + rest).
    for k, largest in enumerate(ordered):
        limit = most * rest / (1 - k * most) if k * most < 1 else np.inf
        if largest <= limit:
            return np.asarray(values * np.minimum(1, limit / totals)[groups])
        rest -= largest
    return values


def disliked(feedback: pd.DataFrame, catalog: Catalog) -> set[str]:
    """Return the recordings that the listener dislikes: by what they said last, under whatever id."""
    said = _latest(feedback, catalog)
    return set(said.index[said["verdict"] == "dislike"])


def _listens(listens: pd.DataFrame, catalog: Catalog, now: datetime) -> pd.DataFrame:
    """Return what the lists say of each recording, 0 to 1 (`term`), and its best place in any of them (`rank`)."""
    weights = listens["source"].map(RANGE_WEIGHTS) * listens["matched_by"].map(MATCH_WEIGHTS)
    by_rank = 1 / (1 + (listens["rank"].astype("float64") - 1) / (HALF_RANK - 1))
    terms = weights.astype("float64") * by_rank * _decay(listens["fetched_at"], now, HALF_LIFE_DAYS["listens"])
    recordings = catalog.recordings_of(listens["matched_track_id"]).to_numpy(object)
    columns = {"recording_id": recordings, "source": listens["source"].array, "term": terms.array}
    matched = pd.DataFrame({**columns, "rank": listens["rank"].array})
    lists = matched.groupby(["recording_id", "source"])
    liked = lists["term"].max().groupby("recording_id").sum() / sum(RANGE_WEIGHTS.values())
    return pd.DataFrame({"term": liked, "rank": matched.groupby("recording_id")["rank"].min()})


def _feedback(feedback: pd.DataFrame, catalog: Catalog, now: datetime) -> pd.Series:
    said = _latest(feedback, catalog)
    signs = said["verdict"].map({"like": 1.0, "dislike": -1.0}).astype("float64")
    return signs * _decay(said["made_at"], now, HALF_LIFE_DAYS["feedback"])


def _latest(feedback: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    recordings = catalog.recordings_of(feedback["track_id"]).to_numpy(object)
    known = feedback.set_axis(pd.Index(recordings, dtype=object))[pd.notna(recordings)]
    # Said at the same moment of two ids of one recording: a dislike weighs more.
    ordered = known.sort_values(["made_at", "verdict"], ascending=[True, False], kind="stable")
    return ordered[~ordered.index.duplicated(keep="last")]


def _decay(times: pd.Series, now: datetime, half_life_days: float) -> pd.Series:
    days = (pd.Timestamp(now) - times).dt.total_seconds() / 86_400
    return pd.Series(0.5 ** (days.to_numpy("float64").clip(min=0) / half_life_days), index=times.index)
