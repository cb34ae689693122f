"""What listeners say with their hands: what they delete from a playlist is a dislike, what they save is a like."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Literal

import pandas as pd

from inference_pipeline.keeping import Keeping
from inference_pipeline.rotation import read_history, settle
from segue.errors import NotFoundError, SpotifyError, UnavailableError
from segue.groups import FEEDBACK, SERVED
from segue.spotify.turns import ENDS_RUN

MOST_DELETED = 0.5
"""Whoever throws out a larger share of a playlist does not mean the single tracks."""


def read_saved(keeping: Keeping, now: datetime) -> set[str]:
    """Take for liked what the listener saved of what was on their playlists, and return the latest 50 that they saved.

    One call, made only where one is to spare; it takes the scope user-library-read.
    """
    if keeping.spare() < 1:
        return set()
    try:
        saved = {track.track_id for track in keeping.client.saved_tracks()}
    except UnavailableError:
        # Tomorrow's page still has most of them: no playlist waits for that.
        return set()
    mine = {"listener_id": keeping.listener_id}
    served = set(keeping.store.read(SERVED, ["track_id"], mine)["track_id"])
    said = set(keeping.store.read(FEEDBACK, ["track_id"], mine)["track_id"])
    # Once: a like that is said anew every night would never fade.
    _say(keeping, "like", (saved & served) - said, now)
    return saved


def read_back(keeping: Keeping, now: datetime, saved: Iterable[str] = ()) -> None:
    """Look at every playlist that was changed since our last write, and take for disliked what was deleted from it.

    One call for each, before anything is recommended: the dislike holds tonight. What they saved was only tidied away,
    and a playlist of which most was thrown out says nothing of single tracks. Nor does one of which a write of ours was
    interrupted or that holds what is gone from Spotify: what is missing need not have been deleted by them.
    """
    history = read_history(keeping.store, keeping.listener_id, keeping.names, now)
    for name in keeping.names:
        try:
            if keeping.is_there(name) and not keeping.is_as_written(name):
                keeping.read(name)
            # What was removed stays unsettled: if it comes back, it is looked at then.
            lost = name in keeping.kept and keeping.kept[name].id is not None and not keeping.is_there(name)
            interrupted = not lost and settle(keeping.store, history, name, partial(_held, keeping, name))
        except ENDS_RUN:
            raise
        except SpotifyError as error:
            keeping.failed[name] = error
            if isinstance(error, NotFoundError):
                keeping.let_go_if_lost(name)
            continue
        held = keeping.held.get(name)
        if held is not None and held.is_whole and not interrupted:
            before = history.latest(name)
            deleted = before - {*held.track_ids}
            if len(deleted) <= MOST_DELETED * len(before):
                _say(keeping, "dislike", deleted - {*saved}, now)


def _held(keeping: Keeping, name: str) -> list[str]:
    return keeping.read(name).track_ids if keeping.is_there(name) else []


def _say(keeping: Keeping, verdict: Literal["like", "dislike"], track_ids: Iterable[str], now: datetime) -> None:
    rows = pd.DataFrame({"track_id": sorted(track_ids)})
    said = rows.assign(listener_id=keeping.listener_id, verdict=verdict, made_at=now)
    if len(said):
        keeping.store.upsert(FEEDBACK, said)
