"""What a listener says of a track on one of their playlists, or of its artist."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pandas as pd

from app.layout.track_list import ALLOW, DISLIKE, LIKE, NEVER, TAKE_BACK
from app.playlists.kept_playlists import names_any_of
from app.playlists.steering import change_wishes
from inference_pipeline.stored import stored_recommendations
from segue.errors import InputError
from segue.groups import FEEDBACK

if TYPE_CHECKING:
    from inference_pipeline.wishes import Wishes
    from segue.settings import Settings
    from segue.store import FeatureStore


def judge(store: FeatureStore, settings: Settings, listener_id: str, track_id: object, action: object) -> str:
    """Write down at once what a listener says, and return a sentence that says so.

    Parameters
    ----------
    store, settings
    listener_id : str
    track_id, action
        As the event of a `track_list` carries them: not to be trusted.

    Raises
    ------
    InputError
        If the track is on none of their playlists, or there is no such action; nothing is written then.
    """
    stored = stored_recommendations(store, listener_id)
    found = stored[stored["track_id"] == track_id] if isinstance(track_id, str) else stored.iloc[:0]
    if found.empty:
        raise InputError("that track is on none of your playlists any more: reload the page")
    title, artist = str(found["title"].iloc[0]), str(found["artists"].iloc[0]).partition(";")[0]
    key = {"listener_id": listener_id, "track_id": str(track_id)}
    if action in (LIKE, DISLIKE):
        row = {**key, "verdict": action, "made_at": datetime.now(timezone.utc)}
        store.upsert(FEEDBACK, pd.DataFrame([row]))
        return f"More like {title} from the next refresh on." if action == LIKE else f"{title} will not come back."
    if action == TAKE_BACK:
        store.delete(FEEDBACK, key)
        return f"What you said of {title} is forgotten."
    if action in (NEVER, ALLOW) and artist:
        is_artist = names_any_of([artist])
        names = {artist} if action == NEVER else set()

        def change(wishes: Wishes) -> Wishes:
            others = {name for name in wishes.blocked_artists if not is_artist(name)}
            return wishes.model_copy(update={"blocked_artists": frozenset(others | names)})

        change_wishes(store, settings, listener_id, change)
        return f"{artist} will be on none of your playlists." if action == NEVER else f"{artist} may come again."
    raise InputError("there is nothing like that to say of a track")
