"""How far a refresh of somebody's playlists is, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_pipeline.kept import removed_playlists
from segue.groups import RECOMMENDATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.playlists.refresh import Refresh
    from segue.store import FeatureStore


def progress(store: FeatureStore, listener_id: str, wanted: Sequence[str], refresh: Refresh) -> str:
    """Return a sentence on a refresh, by what is in the store.

    Parameters
    ----------
    store : FeatureStore
    listener_id : str
    wanted : sequence of str
        Names of the playlists that they keep.
    refresh : Refresh
    """
    if refresh.problem:
        return refresh.problem
    if refresh.step == "":
        return "Waiting for a free place …"
    if refresh.step == "listens":
        return "Asking Spotify what you have been playing …"
    names = set(wanted) - set(removed_playlists(store, listener_id))
    made = store.read(RECOMMENDATIONS, ["playlist", "made_at"], {"listener_id": listener_id})
    fresh = names & set(made[made["made_at"] >= refresh.started_at]["playlist"])
    count = f"{len(fresh)} of {len(names)} playlist{'' if len(names) == 1 else 's'}"
    if refresh.running:
        return f"Choosing songs: {count} done …"
    return f"{count} refreshed at {refresh.ended_at:%H:%M} UTC."
