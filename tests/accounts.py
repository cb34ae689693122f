"""Listeners in the store, without a login at any Spotify."""

from __future__ import annotations

import pandas as pd
from listening import NOW

from segue.groups import LISTENERS


def accounts(*names: str) -> pd.DataFrame:
    """Return connected listeners, whose ids are their names in lower case."""
    consent = {"service": "spotify", "scopes": "", "consented_at": NOW, "status": "connected", "playlists": "{}"}
    rows = [{**consent, "listener_id": name.lower(), "display_name": name} for name in names]
    return LISTENERS.cast(pd.DataFrame(rows).reindex(columns=list(LISTENERS.columns)))
