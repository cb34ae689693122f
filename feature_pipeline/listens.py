"""What every connected listener has been playing, matched to the catalog."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

import pandas as pd

from feature_pipeline.matching import CATALOG_COLUMNS, WAYS, index_catalog, match
from segue.console import track_progress
from segue.errors import AuthorizationExpiredError, InputError, MissingScopeError, SegueError
from segue.groups import DTYPES, LISTENS, TRACKS
from segue.runs import recorded_run
from segue.settings import Settings
from segue.spotify.budget import CALLS_PER_PLAYLIST, LISTENS_CALLS, PLAYLISTS_CALLS, Budget
from segue.spotify.client import SpotifyClient
from segue.spotify.consent import consent_warnings
from segue.spotify.listeners import ask_to_log_in, name_of, service_listeners, update_listener
from segue.spotify.played import PlayedTrack
from segue.spotify.retention import TIME_TO_LIVE, purge
from segue.spotify.session import open_session
from segue.spotify.turns import ENDS_RUN, Turns
from segue.store import FeatureStore

COLUMNS = ["source", "track_id", "title", "artists", "isrc"]
FEWEST_PLAYLISTS = 2
"""How many a newcomer is counted on to keep: as many as everybody begins with."""


def fetch_listens(store: FeatureStore, settings: Settings, only: str | None = None) -> dict[str, Any]:
    """Fetch and match the top and recent tracks of every listener of the service that is set up, four calls each.

    One listener's failure does not stop the others. Where the day's calls are not enough for everybody, those whose
    playlists are oldest come first; calls for their playlists are left over.

    Parameters
    ----------
    store : FeatureStore
    settings : Settings
        What `segue.spotify.setup.spotify_settings` returned.
    only : str, optional
        Id of the one listener to fetch; of the others nothing is reported.

    Returns
    -------
    dict
        ``listeners``: for each one fetched, ``listener`` (name), ``calls``, ``tracks`` (different ones) and the shares
        matched by ``id``, ``isrc``, ``title``, ``artist`` and ``none``; ``failed``: for each one that could not be
        fetched, ``listener`` and ``error``; ``must_log_in``: names of those whose consent has ended, before or now, or
        lacks a scope;
        ``consent``: a `ConsentWarning` for each whose consent ends soon; ``expired``: rows of anybody's that were
        deleted because their time had come; and what `Turns.report` says.

    Raises
    ------
    InputError
        If there is no catalog yet.
    """
    with recorded_run(store, "listens", for_all=only is None) as counts:
        expired = purge(store, _now())
        known = _concerned(store, settings, only)
        connected = known[known["status"] == "connected"]
        gone = known[known["status"] != "connected"].apply(name_of, axis=1)
        index = _catalog_index(store) if len(connected) else {}
        report: dict[str, Any] = {"listeners": [], "failed": [], "must_log_in": list(gone), "expired": expired}
        budget = Budget(store, settings)
        turns = Turns(budget, connected, lambda _: LISTENS_CALLS, _calls_for_playlists)
        for listener in track_progress(turns, "Fetching what listeners play", len(turns)):
            name = {"listener": name_of(listener)}
            try:
                coverage = _refresh(store, open_session(store, settings, listener, budget), listener, index)
            except ENDS_RUN as error:
                turns.stop(error)
            except AuthorizationExpiredError:
                ask_to_log_in(store, listener)
                report["must_log_in"].append(name["listener"])
            except MissingScopeError:
                report["must_log_in"].append(name["listener"])
            except SegueError as error:
                report["failed"].append({**name, "error": str(error)})
            except Exception as error:  # noqa: BLE001 - one listener's data must not cost the others theirs
                report["failed"].append({**name, "error": f"unexpected {type(error).__name__}: {error}"})
            else:
                report["listeners"].append({**name, "calls": budget.calls[str(listener["listener_id"])], **coverage})
        ending = consent_warnings(_concerned(store, settings, only), _now())
        report |= {"consent": [asdict(warning) for warning in ending], **turns.report()}
        counts.update(_totals(report))
    return report


def _concerned(store: FeatureStore, settings: Settings, only: str | None) -> pd.DataFrame:
    known = service_listeners(store, settings)
    return known if only is None else known[known["listener_id"] == only]


def _calls_for_playlists(listener: pd.Series) -> int:
    kept = len(json.loads(listener["playlists"]))
    return PLAYLISTS_CALLS + CALLS_PER_PLAYLIST * max(kept, FEWEST_PLAYLISTS)


def _refresh(
    store: FeatureStore, client: SpotifyClient, listener: pd.Series, index: Mapping[str, pd.Series]
) -> dict[str, float]:
    played = _played(client)
    fetched_at = _now()
    listener_id = str(listener["listener_id"])
    rows = match(played, index).assign(
        listener_id=listener_id, fetched_at=fetched_at, expires_at=fetched_at + TIME_TO_LIVE
    )
    store.replace(LISTENS, rows, {"listener_id": listener_id})
    coverage = _coverage(rows)
    update_listener(store, listener_id, coverage=json.dumps(coverage))
    return coverage


def _played(client: SpotifyClient) -> pd.DataFrame:
    lists = {
        "short_term": client.top_tracks("short_term"),
        "medium_term": client.top_tracks("medium_term"),
        "long_term": client.top_tracks("long_term"),
        "recently_played": client.recently_played(),
    }
    rows = [_row(source, track) for source, tracks in lists.items() for track in tracks]
    # What was played more than once counts where it comes first.
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype=DTYPES["text"]).drop_duplicates(["source", "track_id"])
    return frame.assign(rank=frame.groupby("source").cumcount() + 1)


def _row(source: str, track: PlayedTrack) -> tuple[str, str, str, str, str | None]:
    return source, track.track_id, track.title, ";".join(track.artists), track.isrc


def _coverage(rows: pd.DataFrame) -> dict[str, float]:
    tracks = rows.drop_duplicates("track_id")
    shares = tracks["matched_by"].value_counts(normalize=True)
    return {"tracks": len(tracks), **{way: round(float(shares.get(way, 0)), 4) for way in (*WAYS, "none")}}


def _catalog_index(store: FeatureStore) -> dict[str, pd.Series]:
    catalog = store.read(TRACKS, CATALOG_COLUMNS)
    if catalog.empty:
        raise InputError("there is no catalog to match with: run `segue features` first")
    return index_catalog(catalog)


def _totals(report: dict[str, Any]) -> dict[str, int]:
    """Return what may be kept about a run: nothing about any one listener."""
    return {
        "listeners": len(report["listeners"]),
        "failed": len(report["failed"]),
        "deferred": len(report["deferred"]),
        "stopped": int(report["stopped"] is not None),
        "calls": report["calls"],
        "token_requests": report["token_requests"],
        "must_log_in": len(report["must_log_in"]),
        "tracks": sum(listener["tracks"] for listener in report["listeners"]),
        "expired": report["expired"],
    }


def _now() -> datetime:
    return datetime.now(timezone.utc)
