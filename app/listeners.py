"""What the page shows of the demo listeners. Nothing of a real person's account passes through here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from inference_pipeline.kept import removed_playlists
from inference_pipeline.playlist_kinds import KINDS
from inference_pipeline.stored import stored_recommendations
from segue.groups import LISTENERS, LISTENS, TRACKS
from segue.links import track_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segue.store import FeatureStore

DEMO = {"service": "sandbox"}
NOTHING: dict[str, Any] = {"playlists": []}


def demo_listeners(store: FeatureStore) -> list[tuple[str, str]]:
    """Return name and id of every demo listener, by name."""
    listeners = store.read(LISTENERS, ["display_name", "listener_id"], DEMO)
    named = listeners.assign(display_name=listeners["display_name"].fillna(listeners["listener_id"]))
    return list(named.sort_values("display_name").itertuples(index=False, name=None))


def demo_playlists(store: FeatureStore, listener_id: str) -> dict[str, Any]:
    """Return what the page shows of a demo listener: taste, playlists, reasons.

    Whatever else is asked for, be it another person's id or no id at all, gets what an unknown one gets: nothing.
    """
    # The store takes a list for any of its members; the caller may send one, whatever the type says.
    if not isinstance(listener_id, str):
        return NOTHING
    listener = store.read(LISTENERS, ["listener_id"], {**DEMO, "listener_id": listener_id})
    if listener.empty:
        return NOTHING
    stored = stored_recommendations(store, listener_id)
    removed = removed_playlists(store, listener_id)
    shown = _playlists(stored[~stored["playlist"].isin(removed)])
    return {"taste": _taste(store, listener_id), "playlists": shown, "removed": _removed(removed, listener_id)}


def _removed(names: Sequence[str], listener_id: str) -> list[dict[str, str]]:
    """Return each playlist that the listener has removed, and the command that brings it back."""
    command = "segue playlists --bring-back"
    return [
        {"title": KINDS[name].title, "again": f"{command} {name} --listener {listener_id}"}
        for name in names
        if name in KINDS
    ]


def _playlists(stored: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each playlist in the order in which they are made; the first one is open."""
    kept = [(kind, stored[stored["playlist"] == kind.name]) for kind in KINDS.values()]
    shown = [
        {
            "title": kind.title,
            "about": f"{kind.about}.",
            "made": f"{tracks['made_at'].iloc[0]:%d %B %Y} by model {tracks['model'].iloc[0]}",
            "tracks": [_row(track) for track in tracks.to_dict("records")],
        }
        for kind, tracks in kept
        if len(tracks)
    ]
    return [{"open": not place, **playlist} for place, playlist in enumerate(shown)]


def _row(track: dict[Any, Any]) -> dict[str, Any]:
    return {
        "rank": track["rank"],
        "title": track["title"],
        "artists": track["artists"].replace(";", ", "),
        "reason": track["reason"],
        "url": track_link(track["track_id"], track["source"]),
    }


def _taste(store: FeatureStore, listener_id: str, most: int = 4) -> dict[str, Any]:
    """Return the genres and artists that a listener plays most, the commonest first."""
    listens = store.read(LISTENS, where={"listener_id": listener_id})
    ids = listens["matched_track_id"].dropna().unique().tolist()
    genres = store.read(TRACKS, ["genres"], {"track_id": ids})["genres"].dropna()
    return {
        "genres": ", ".join(_commonest(genres, most)),
        "artists": ", ".join(_commonest(listens["artists"], most)),
        "tracks": len(listens["track_id"].unique()),
        "matched": f"{listens['matched_track_id'].notna().mean():.0%}" if len(listens) else "0%",
    }


def _commonest(joined: pd.Series, most: int) -> list[str]:
    counts = Counter(name for names in joined for name in names.split(";"))
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]]
