"""Keeping a playlist in a listener's account, always the same one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from typing import Any

import pandas as pd

from inference_pipeline.dead_tracks import note_unavailable, unavailable_tracks
from inference_pipeline.keeping import Keeping
from inference_pipeline.presenting import let_in
from inference_pipeline.rotation import confirm, remember
from inference_pipeline.writing import restore, write_tracks
from segue.errors import (
    AmbiguousWriteError,
    NotFoundError,
    OwnerNotPremiumError,
    QuotaExceededError,
    RateLimitedError,
    SpotifyError,
)
from segue.groups import RECOMMENDATIONS
from segue.settings import Settings
from segue.spotify.client import WRITE_CHUNK
from segue.spotify.retention import TIME_TO_LIVE
from segue.store import FeatureStore

MAX_DESCRIPTION = 300
FORBIDS_CALLS = (QuotaExceededError, RateLimitedError, OwnerNotPremiumError)
"""After these not even a playlist that was cut short is put right: that is left to the next run."""


@dataclass(frozen=True)
class Listing:
    """What a playlist in Spotify should look like.

    Attributes
    ----------
    name : str
        Segue's, under which it is kept.
    title, description : str
        What people see; at most 300 characters of description.
    tracks : DataFrame
        rank, track_id, score, reason.
    model : str
        Label of the model that recommended them.
    widened : tuple of str
        The filters that had to be relaxed.
    """

    name: str
    title: str
    description: str
    tracks: pd.DataFrame
    model: str
    widened: tuple[str, ...] = ()

    @property
    def track_ids(self) -> list[str]:
        """The tracks, in order."""
        return list(self.tracks.sort_values("rank")["track_id"])


def publish(keeping: Keeping, settings: Settings, listing: Listing, now: datetime) -> bool:
    """Make the listener's playlist hold exactly what `listing` says, and store that as recommended.

    Nothing is written that Spotify has already. At most one program at a time may publish: two at once would each
    create a playlist.

    Returns
    -------
    bool
        Whether it does. If not, one of the tracks is gone from Spotify, which has been noted: publish another list.

    Raises
    ------
    SpotifyError
        If Spotify refuses or does not answer; running it again ends in the same playlist.
    """
    try:
        return _publish(keeping, settings, listing, now)
    except NotFoundError:
        keeping.let_go_if_lost(listing.name)
        raise


def _publish(keeping: Keeping, settings: Settings, listing: Listing, now: datetime) -> bool:
    name = listing.name
    keeping.unfinished.discard(name)
    _be_there(keeping, listing)
    # Before it is sent, so that rotation knows of it even if this is killed the moment after.
    remember(keeping.store, keeping.listener_id, name, listing.track_ids, now)
    if keeping.holds(name, listing.track_ids):
        listed = keeping.as_listed(name)
        snapshot_id = None if listed is None else listed.snapshot_id
    else:
        try:
            written = write_tracks(keeping, name, listing.track_ids)
        except FORBIDS_CALLS:
            raise
        except SpotifyError:
            restore(keeping, name, unavailable_tracks(keeping.store, settings))
            raise
        if written.dead_track is not None:
            note_unavailable(keeping.store, settings, written.dead_track, now)
            return False
        snapshot_id = written.snapshot_id
    keep_recommended(keeping.store, keeping.listener_id, listing, now)
    confirm(keeping.store, keeping.listener_id, name, now)
    # Last of all: until it is known, every run looks at what the playlist holds.
    keeping.remember(name, snapshot_id=snapshot_id, widened=listing.widened)
    _describe(keeping, listing)
    return True


def describe(about: str, favorites: Sequence[str], today: date, widened: Sequence[str] = ()) -> str:
    """Return a description of at most 300 characters: what is on the playlist, what it is based on, and the date.

    `widened` names the filters that had to be relaxed, if any.
    """
    made = " ".join(filter(None, [let_in(widened), f"Made by Segue on {today:%d %B %Y}."]))
    close = _shorten(f"{about}, close to {' and '.join(favorites)}.", MAX_DESCRIPTION - len(made) - 1)
    return f"{close} {made}"


def _be_there(keeping: Keeping, listing: Listing) -> None:
    """Create the playlist where there is none yet, and put it into the library again where that is wanted."""
    name = listing.name
    kept = keeping.kept.get(name)
    if kept is None or kept.id is None:
        _make(keeping, listing)
    elif kept.brought_back:
        keeping.client.save_to_library([kept.uri])
        keeping.remember(name, brought_back=False, snapshot_id=None)


def _make(keeping: Keeping, listing: Listing) -> None:
    """Create the playlist, or find the one whose creation was interrupted, and keep its id.

    Spotify lets names repeat, so a marker is stored before the call and stands in the description until the next one
    is written: after a kill or a lost answer it tells the new playlist from all that the listener made.
    """
    name = listing.name
    marker = keeping.kept[name].marker if name in keeping.kept else None
    playlist_id = None
    if marker is None:
        marker = secrets.token_hex(4)
        keeping.remember(name, marker=marker)
    else:
        playlist_id = _find(keeping, marker)
    keeping.remember(name, id=playlist_id or _create(keeping, listing, marker), snapshot_id=None)


def _find(keeping: Keeping, marker: str) -> str | None:
    for playlist in keeping.listed.values():
        if marker in playlist.description:
            return playlist.id
    # Spotify puts what is new on top; a library of several pages is searched to its end all the same.
    return keeping.client.find_playlist(marker)


def _create(keeping: Keeping, listing: Listing, marker: str) -> str:
    sign = f" [{marker}]"
    description = _shorten(listing.description, MAX_DESCRIPTION - len(sign)) + sign
    try:
        return keeping.client.create_playlist(listing.title, description)
    except AmbiguousWriteError:
        # It may have been created although the answer was an error.
        playlist_id = keeping.client.find_playlist(marker)
        if playlist_id is None:
            raise
        return playlist_id


def keep_recommended(store: FeatureStore, listener_id: str, listing: Listing, now: datetime) -> None:
    """Store the list in place of the last one: what is stored is what Spotify holds."""
    key = {"listener_id": listener_id, "playlist": listing.name}
    stamps: dict[str, Any] = {"model": listing.model, "made_at": now, "expires_at": now + TIME_TO_LIVE}
    store.replace(RECOMMENDATIONS, listing.tracks.assign(**key, **stamps), key)


def _describe(keeping: Keeping, listing: Listing) -> None:
    """Write title and description where they are others, if there is a call for it; else the next night does."""
    listed = keeping.as_listed(listing.name)
    # Spotify gives descriptions as HTML.
    if listed is not None and (listed.name, unescape(listed.description)) == (listing.title, listing.description):
        return
    # A list of several chunks has taken more than its share already; so has one that is not on top of the library,
    # but nobody shall read the marker for ever.
    kept = keeping.kept[listing.name]
    unseen = listed is None and listing.name in keeping.held
    marked = unseen and kept.marker is not None and keeping.budget.left() > 0
    if keeping.spare() > 0 or len(listing.tracks) > WRITE_CHUNK or marked:
        # Where it is not certain that it happened, the next night sees.
        with suppress(AmbiguousWriteError):
            keeping.client.describe_playlist(kept.id or "", listing.title, listing.description)
            keeping.remember(listing.name, marker=None)


def _shorten(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
