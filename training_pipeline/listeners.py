"""What listeners have been playing, as playlists to learn from: only where the operator has switched it on."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from segue.console import note
from segue.groups import LISTENERS, LISTENS
from segue.models.catalog import Catalog
from segue.store import FeatureStore
from training_pipeline.holdout import Rows

FEWEST = 20
"""With fewer listeners than this nothing is learned from any: what one of them plays would show in the model."""
FEWEST_WHO_PLAY = 5
"""Who alone plays a track could be read out of the model: its neighbors would be that person's other tracks."""
PLAYED = ("id", "isrc", "title")
"""How a track of theirs was matched; what only stands in for another one of its artist was not played."""


def listener_histories(store: FeatureStore, catalog: Catalog, service: str, now: datetime) -> list[Rows]:
    """Return what each connected listener has been playing, as the rows of the recordings.

    Parameters
    ----------
    store : FeatureStore
    catalog : Catalog
    service : str
        Whose listeners: those of the sandbox are made up, and nothing is learned from them beside real ones.
    now : datetime
        Rows whose time has come by then do not count, whether they have been deleted yet or not.

    Returns
    -------
    list of ndarray of int
        Ascending rows of the catalog's recordings for each listener, without their ids, and in an order that says
        nothing of who they are. A recording that fewer than `FEWEST_WHO_PLAY` of them play is on none, and a listener
        who is left without any is left out. Empty where then there are fewer than `FEWEST`.
    """
    connected = store.read(LISTENERS, ["listener_id"], {"service": service, "status": "connected"})
    listens = store.read(LISTENS, ["listener_id", "matched_track_id", "matched_by", "expires_at"])
    current = listens["listener_id"].isin(connected["listener_id"]) & (listens["expires_at"] > now)
    played = listens[current & listens["matched_by"].isin(PLAYED)].dropna(subset=["matched_track_id"])
    rows = catalog.recordings.index.get_indexer(pd.Index(catalog.recordings_of(played["matched_track_id"])))
    known = played.assign(row=rows)[rows >= 0].drop_duplicates(["listener_id", "row"])
    shared = known[known.groupby("row")["row"].transform("size") >= FEWEST_WHO_PLAY]
    histories = [np.unique(group.to_numpy()) for _, group in shared.groupby("listener_id")["row"]]
    if len(histories) < FEWEST:
        who = f"of those connected to this service ({service}) {len(histories)} have matched tracks"
        beside = f"that at least {FEWEST_WHO_PLAY} of them play"
        note(f"nothing is learned from listeners: {who} {beside}, and at least {FEWEST} must")
        return []
    return sorted(histories, key=lambda history: history.tobytes())
