"""Nobody's rows outlive their account, and nobody loses rows who has just connected."""

from __future__ import annotations

import pandas as pd
import pytest
from listening import NOW, feedback_of

from segue.groups import FEEDBACK, LISTENERS, FeatureGroup
from segue.spotify.retention import purge_strangers
from segue.store import FeatureStore

SOMEONE = {
    "listener_id": "someone",
    "service": "spotify",
    "scopes": "",
    "consented_at": NOW,
    "status": "connected",
    "playlists": "{}",
}


@pytest.mark.parametrize("first", [LISTENERS, FEEDBACK], ids=lambda group: group.name)
def test_who_connects_while_strangers_are_purged_loses_nothing(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch, first: FeatureGroup
) -> None:
    """Whichever group was read just before they did."""
    read = store.read

    def connect_after(group: FeatureGroup, *arguments: object, **options: object) -> pd.DataFrame:
        found = read(group, *arguments, **options)  # type: ignore[arg-type]
        if group is first:
            store.upsert(LISTENERS, LISTENERS.cast(pd.DataFrame([SOMEONE]).reindex(columns=list(LISTENERS.columns))))
            store.upsert(FEEDBACK, feedback_of((0, "like", 0)))
        return found

    monkeypatch.setattr(store, "read", connect_after)
    purge_strangers(store)
    assert len(read(FEEDBACK)) == 1
