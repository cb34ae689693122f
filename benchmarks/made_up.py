"""A catalog and a hybrid of it, as large as the real ones, where there are none at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segue.groups import AUDIO_FEATURES, DTYPES
from segue.models.blend import Blend
from segue.models.catalog import Catalog
from segue.models.chances import Weights
from segue.models.choice import with_cells
from segue.models.content import place_by_content
from segue.models.hybrid import KNOWN, UNKNOWN, blend
from segue.models.spaces.colisten.playlists import Playlists

RECORDINGS = 165_000
PLAYLISTS, TRACKS = 2_000, 60
SEEDS = 100


def made_up_catalog(random: np.random.Generator) -> Catalog:
    """Return a made-up catalog."""
    sounds = {name: random.random(RECORDINGS) for name in AUDIO_FEATURES}
    artists = random.zipf(1.5, RECORDINGS) % 50_000
    columns = {
        "title": "Song",
        "artists": pd.Series(artists).astype(str).radd("Artist "),
        "genres": pd.Series(artists % 600).astype(str).radd("genre "),
        "artist_genres": pd.Series(artists % 2_000).astype(str).radd("scene "),
        "year": random.integers(1960, 2025, RECORDINGS),
        "popularity": random.integers(0, 100, RECORDINGS),
    }
    ids = pd.Index([f"{number:022d}" for number in range(RECORDINGS)], dtype=DTYPES["text"], name="track_id")
    frame = pd.DataFrame(columns | sounds).set_axis(ids).assign(recording_id=ids)
    texts = ("title", "artists", "genres", "artist_genres")
    return Catalog(frame.astype(dict.fromkeys(texts, DTYPES["text"])))


def made_up_hybrid(random: np.random.Generator, catalog: Catalog) -> Blend:
    """Return a hybrid, for which a sixth of the catalog is on playlists; what its weights are takes no time."""
    content = place_by_content(catalog.recordings)
    playlists = [random.integers(0, RECORDINGS // 6, TRACKS) for _ in range(PLAYLISTS)]
    weights = Weights(dict.fromkeys(UNKNOWN, 1.0), dict.fromkeys(KNOWN, 1.0))
    return with_cells(blend(content, Playlists.of(playlists, RECORDINGS), weights))


def some_seeds(random: np.random.Generator, model: Blend, listeners: int) -> pd.DataFrame:
    """Return `SEEDS` recordings for each of some listeners, as `inference_pipeline.seeds.read_seeds` returns them."""
    chosen = [random.choice(len(model.recordings), SEEDS, replace=False) for _ in range(listeners)]
    return pd.DataFrame(
        {
            "query_id": np.repeat(np.arange(listeners), SEEDS),
            "track_id": model.track_ids[np.concatenate(chosen)],
            "preference": random.random(listeners * SEEDS).astype(np.float32),
        }
    )
