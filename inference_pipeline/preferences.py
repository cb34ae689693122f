"""How much a listener likes each recording, from what they have been playing."""

from __future__ import annotations

import pandas as pd

from segue.models.catalog import Catalog

RANGE_WEIGHTS = {"short_term": 1.0, "medium_term": 0.8, "long_term": 0.6, "recently_played": 0.4}
"""What they love now counts more than what they loved; a single recent play says least."""

MATCH_WEIGHTS = {"id": 1.0, "isrc": 1.0, "title": 1.0, "artist": 0.3, "none": 0.0}
"""A track by the same artist only stands in for the one that the catalog lacks."""

HALF_RANK = 50
"""The place in a list that counts half as much as the first."""


def preferences(listens: pd.DataFrame, catalog: Catalog) -> pd.Series:
    """Return a listener's preference for each recording, the strongest first.

    Each of their lists adds ``range * match / (1 + (rank - 1) / 49)``, which is half of ``range * match`` at place 50;
    a list that holds a recording under several ids adds the most that one of them would. The sum is divided by that
    of `RANGE_WEIGHTS`, so that the first place of all four lists is 1. Of equal ones, the one that is higher up in
    any list comes first.

    Parameters
    ----------
    listens : DataFrame
        One listener's rows of the group `listens`.
    catalog : Catalog

    Returns
    -------
    Series of float32
        Values over 0 to 1, indexed by recording_id.
    """
    recordings = catalog.recordings_of(listens["matched_track_id"]).to_numpy(object)
    weights = listens["source"].map(RANGE_WEIGHTS) * listens["matched_by"].map(MATCH_WEIGHTS)
    terms = weights.astype("float64") / (1 + (listens["rank"].astype("float64") - 1) / (HALF_RANK - 1))
    columns = {"recording_id": recordings, "source": listens["source"].array, "term": terms.array}
    matched = pd.DataFrame({**columns, "rank": listens["rank"].array})
    best = matched.groupby(["recording_id", "source"]).agg({"term": "max", "rank": "min"})
    liked = best.groupby("recording_id").agg({"term": "sum", "rank": "min"})
    liked["term"] = (liked["term"] / sum(RANGE_WEIGHTS.values())).astype("float32")
    ordered = liked[liked["term"] > 0].sort_values(["term", "rank"], ascending=[False, True], kind="stable")
    return ordered["term"]
