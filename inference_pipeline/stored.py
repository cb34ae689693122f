"""A listener's recommendations as they are stored."""

from __future__ import annotations

from datetime import datetime, timezone

import pandas as pd

from segue.groups import RECOMMENDATIONS, TRACKS
from segue.store import FeatureStore

TRACK_COLUMNS = ("track_id", "title", "artists", "year", "source")


def stored_recommendations(store: FeatureStore, listener_id: str) -> pd.DataFrame:
    """Return what `listener_id` was last recommended, ordered by playlist and rank; no rows where there is nothing.

    Returns
    -------
    DataFrame
        The columns of the group `recommendations`, and title, artists (joined by ';'), year and source of each track.
        A track without a title goes by its id. Expired rows are left out.
    """
    found = store.read(RECOMMENDATIONS, where={"listener_id": listener_id})
    current = found[found["expires_at"] > datetime.now(timezone.utc)]
    tracks = store.read(TRACKS, TRACK_COLUMNS, {"track_id": current["track_id"].unique().tolist()})
    joined = current.merge(tracks, on="track_id", how="left")
    joined["title"] = joined["title"].fillna(joined["track_id"])
    return joined.fillna({"artists": "", "source": ""}).sort_values(["playlist", "rank"], ignore_index=True)
