"""The playlists that Segue keeps for a listener, as a page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from app.layout.track_list import first_artist
from inference_pipeline.kept import read_kept, removed_playlists
from inference_pipeline.playlist_kinds import KINDS
from inference_pipeline.presenting import let_in
from inference_pipeline.stored import stored_recommendations
from segue.groups import FEEDBACK, LISTENERS
from segue.links import playlist_link, track_link
from segue.recordings import normalize_artists

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from segue.store import FeatureStore


def kept_playlists(store: FeatureStore, listener_id: str) -> dict[str, dict[str, Any]]:
    """Return each playlist of a listener by its name, in the order in which they are made, for `track_list.markup`.

    Those that the listener removed are left out. What they said of a track is not in it: `with_opinions` adds that.
    """
    stored, kept = stored_recommendations(store, listener_id), read_kept(store, listener_id)
    services = store.read(LISTENERS, ["service"], {"listener_id": listener_id})["service"]
    found: dict[str, dict[str, Any]] = {}
    for name, kind in KINDS.items():
        tracks = stored[stored["playlist"] == name]
        if tracks.empty or (name in kept and kept[name].removed_at is not None):
            continue
        widened = kept[name].widened if name in kept else ()
        found[name] = {
            "title": kind.title,
            "about": " ".join(filter(None, [f"{kind.about}.", let_in(widened), _made(tracks.iloc[0])])),
            "url": playlist_link(kept[name].id if name in kept else None, "".join(services)),
            "tracks": [_track(track) for track in tracks.to_dict("records")],
        }
    return found


def removed_titles(store: FeatureStore, listener_id: str) -> dict[str, str]:
    """Return the title of each playlist that a listener has removed, by its name."""
    return {name: KINDS[name].title for name in removed_playlists(store, listener_id) if name in KINDS}


def with_opinions(
    store: FeatureStore, listener_id: str, blocked_artists: Collection[str], playlist: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a playlist with what its listener said of each track, and of each one's first artist."""
    said = store.read(FEEDBACK, ["track_id", "verdict"], {"listener_id": listener_id})
    verdicts = dict(zip(said["track_id"], said["verdict"], strict=True))
    is_blocked = names_any_of(blocked_artists)
    judged = [
        {**track, "verdict": verdicts.get(track["track_id"], ""), "blocked": is_blocked(first_artist(track))}
        for track in playlist["tracks"]
    ]
    return {**playlist, "tracks": judged}


def names_any_of(artists: Collection[str]) -> Callable[[str], bool]:
    """Return what tells whether a name is that of one of `artists`, in any spelling."""
    normal = set(normalize_artists(sorted(artists)).to_pylist())
    return lambda name: bool(normal) and normalize_artists([name]).to_pylist()[0] in normal


def _made(track: pd.Series) -> str:
    name, _, version = track["model"].partition("@")
    return f"Made on {track['made_at']:%d %B %Y} by model {name}, version {version}."


def _track(track: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "rank": track["rank"],
        "track_id": track["track_id"],
        "title": track["title"],
        "artists": track["artists"].replace(";", ", "),
        "year": None if pd.isna(track["year"]) else int(track["year"]),
        "reason": track["reason"],
        "url": track_link(track["track_id"], track["source"]),
    }
