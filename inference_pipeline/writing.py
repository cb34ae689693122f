"""Making a playlist hold exactly a list of tracks, whatever Spotify answers on the way."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from inference_pipeline.dead_tracks import calls_to_find, find_dead_track
from inference_pipeline.keeping import Keeping
from segue.errors import AmbiguousWriteError, CallBudgetError, NotFoundError, UnavailableError
from segue.spotify.budget import Budget
from segue.spotify.client import PAGE, WRITE_CHUNK, SpotifyClient


@dataclass(frozen=True)
class Written:
    """What came of a write.

    Attributes
    ----------
    snapshot_id : str or None
        Spotify's name for what the playlist holds now; None where it did not say.
    dead_track : str or None
        A track that Spotify does not take; where there is one, the playlist does not hold what it should.
    """

    snapshot_id: str | None = None
    dead_track: str | None = None


def write_tracks(keeping: Keeping, name: str, track_ids: Sequence[str]) -> Written:
    """Make a playlist hold exactly `track_ids`, in that order.

    A write without a clear answer is read back before it is sent again. Where it fails each time, the track to blame is
    looked for, as far as the day's calls allow.

    Raises
    ------
    SpotifyError
        If it is not certain that the playlist holds them; another run ends in the same playlist.
    """
    playlist_id = keeping.kept[name].id or ""
    try:
        return _write_twice(keeping.client, playlist_id, track_ids)
    except AmbiguousWriteError:
        _set_calls_aside(keeping.budget, len(track_ids))
    keeping.disturbed.add(name)
    dead = find_dead_track(keeping.client, playlist_id, track_ids)
    return Written(dead_track=dead) if dead is not None else _write_twice(keeping.client, playlist_id, track_ids)


def restore(keeping: Keeping, name: str, unavailable: frozenset[str]) -> None:
    """Put back what a playlist held before tonight, as far as there is anything to put back."""
    if name not in keeping.disturbed:
        return
    before = keeping.held[name].track_ids if name in keeping.held else keeping.written(name)
    # Whatever comes of it, the next run looks at what the playlist holds.
    with suppress(AmbiguousWriteError, UnavailableError, NotFoundError):
        keeping.client.replace_tracks(
            keeping.kept[name].id or "", [track_id for track_id in before if track_id not in unavailable]
        )


def _write_twice(client: SpotifyClient, playlist_id: str, track_ids: Sequence[str]) -> Written:
    try:
        return _write(client, playlist_id, track_ids)
    except AmbiguousWriteError:
        return _write(client, playlist_id, track_ids)


def _write(client: SpotifyClient, playlist_id: str, track_ids: Sequence[str]) -> Written:
    try:
        return Written(client.replace_tracks(playlist_id, track_ids))
    except AmbiguousWriteError:
        # It may have happened although the answer was an error.
        if client.playlist_entries(playlist_id) == list(track_ids):
            return Written()
        raise


def _set_calls_aside(budget: Budget, n_tracks: int) -> None:
    """Set aside what a repair takes, so that no other run spends it while the playlist is cut short."""
    try:
        budget.reserve_more(_calls_to_repair(n_tracks))
    except CallBudgetError as error:
        raise AmbiguousWriteError(
            "a track may be gone from Spotify, and today's calls are not enough to find out which: "
            "the playlist stays as it was, run this again tomorrow"
        ) from error


def _calls_to_repair(n_tracks: int) -> int:
    """Return how many calls it takes to find a dead track, to write another list, and to put back the old one."""
    writes, reads = -(-n_tracks // WRITE_CHUNK), -(-n_tracks // PAGE)
    return calls_to_find(n_tracks) + 2 * (writes + reads) + writes
