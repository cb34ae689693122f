"""A night for listeners, but for Spotify: what `segue playlists` does between reading listens and calling anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from inference_pipeline.candidates import COLUMNS
from inference_pipeline.library import Library
from inference_pipeline.models import load_model
from inference_pipeline.playlist import Playlist, make_playlist
from inference_pipeline.playlist_kinds import kinds_named
from inference_pipeline.profile import profile_of
from inference_pipeline.ranked import rank_catalog
from inference_pipeline.rotation import nothing_served
from inference_pipeline.wishes import Wishes
from segue.groups import FEEDBACK
from segue.models.catalog import read_catalog
from segue.settings import Settings
from segue.store import open_store
from training_pipeline.evaluation.collections import stored_collections
from training_pipeline.holdout import Rows

WISHES = Wishes()
"""What everybody begins with: two playlists of fifty tracks."""


@dataclass(frozen=True)
class Night:
    """What a night is done with.

    Attributes
    ----------
    library : Library
    label : str
        Of the model.
    playlists : sequence of ndarray of int
        The rows of the catalog's recordings on each public playlist.
    now : datetime
    """

    library: Library
    label: str
    playlists: Sequence[Rows]
    now: datetime

    @classmethod
    def open(cls, settings: Settings, now: datetime) -> Night:
        """Open the model and the catalog in SEGUE_VAR."""
        store = open_store(settings.store_url)
        catalog = read_catalog(store, COLUMNS)
        loaded = load_model(settings, "hybrid")
        library = Library(loaded.blend, catalog)
        # What is worked out once for all listeners.
        library.described.prepare()
        library.wording.prepare()
        _ = library.recommendable, library.sound, library.audible
        collections = stored_collections(store, catalog).values()
        return cls(library, loaded.label, [rows for one in collections for rows in one.playlists.values()], now)

    def make(self, listens: pd.DataFrame) -> dict[str, Playlist]:
        """Make the playlists of the listener whose `listens` these are, by name."""
        nothing = FEEDBACK.cast(pd.DataFrame(columns=list(FEEDBACK.columns)))
        profile = profile_of(listens, nothing, self.library.catalog, WISHES, self.now)
        ranked = rank_catalog(self.library, profile)
        history = nothing_served(self.now)
        return {kind.name: make_playlist(ranked, kind, history) for kind in kinds_named(WISHES.playlists)}
