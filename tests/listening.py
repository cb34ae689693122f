"""Listens and feedback for tests of preferences and playlists."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pandas as pd
from catalogs import track_id

from segue.groups import FEEDBACK, LISTENS, TRACKS
from segue.models.catalog import Catalog

NOW = datetime.now(timezone.utc)


def listens_of(*rows: tuple[int, str, int, str]) -> pd.DataFrame:
    """Return listens of this moment: number of the matched track, source, rank, how it was matched."""
    frame = pd.DataFrame(rows, columns=["number", "source", "rank", "matched_by"])
    ids = frame.pop("number").map(track_id).astype("str")
    return LISTENS.cast(
        frame.assign(
            listener_id="someone",
            track_id=ids.where(frame["matched_by"] == "id", "Other" + ids.str[5:]),
            title="Song",
            artists="Somebody",
            matched_track_id=ids,
            fetched_at=NOW,
            expires_at=NOW + timedelta(days=30),
        )
    )


def feedback_of(*rows: tuple[int, str, float]) -> pd.DataFrame:
    """Return feedback: number of the track, verdict, how many days ago."""
    frame = pd.DataFrame(rows, columns=["number", "verdict", "days"])
    made_at = pd.Series([NOW - timedelta(days=days) for days in frame.pop("days")], dtype="datetime64[us, UTC]")
    ids = frame.pop("number").map(track_id)
    return FEEDBACK.cast(frame.assign(listener_id="someone", track_id=ids, made_at=made_at))


def as_catalog(tracks: pd.DataFrame) -> Catalog:
    """Return tracks as the models see them."""
    return Catalog(TRACKS.validate(tracks).set_index("track_id"))
