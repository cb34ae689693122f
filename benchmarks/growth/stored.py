"""What is measured for any number of listeners: the store of their listens, and their night."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import numpy as np

from benchmarks.growth.listening import AT_ONCE, in_buckets, listeners_of, listens_of, name_of
from benchmarks.growth.measured import Measured
from benchmarks.growth.night import Night
from benchmarks.growth.sizes import LISTENERS as SIZES
from inference_pipeline.rotation import confirm, read_history, remember
from segue.groups import LISTENERS, LISTENS, RECOMMENDATIONS
from segue.settings import load_settings
from segue.spotify.listeners import connected_listeners
from segue.spotify.retention import TIME_TO_LIVE, purge
from segue.store import FeatureStore, open_store

READS = 200
NIGHTS = 100
"""So many listeners are served; what all would take is worked out from that."""


def store_and_serve(measured: Measured, size: str) -> None:
    """Store all listeners and what they play, read some of it, and serve some of them.

    The catalog and the model are those in SEGUE_VAR; the listeners are in a file of their own beside them.
    """
    settings, count = load_settings(), SIZES[size]
    now = datetime.now(timezone.utc)
    night = Night.open(settings, now)
    path = settings.var / f"listeners-{size}.db"
    path.unlink(missing_ok=True)
    store = open_store(f"sqlite:///{path}")
    for bucket in in_buckets(count):
        listeners = listeners_of(bucket, settings.spotify_service, now)
        listens = listens_of(bucket, night.playlists, night.library.catalog, now)
        with measured.part("writing all listens"):
            store.upsert(LISTENERS, listeners)
            store.upsert(LISTENS, listens)
    with measured.part("writing the listens of one bucket again"):
        store.upsert(LISTENS, listens)
    with measured.part("reading all listeners, without listens"):
        connected = connected_listeners(store, settings)
    with measured.part("reading the listens of one bucket"):
        store.read(LISTENS, where={"listener_id": connected["listener_id"].iloc[:AT_ONCE].to_list()})
    with measured.part("deleting what has expired"):
        purge(store, now)
    some = np.random.default_rng(0).choice(count, READS + NIGHTS, replace=False)
    with measured.part("reading the listens of single listeners"):
        for number in some[:READS]:
            store.read(LISTENS, where={"listener_id": name_of(number)})
    for number in some[READS:]:
        with measured.part("serving single listeners"):
            _serve(store, night, name_of(number))
    files = path.parent.glob(f"{path.name}*")
    measured.counts |= {"store, MB": sum(file.stat().st_size for file in files) / 1e6, "reads": READS, "nights": NIGHTS}
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def _serve(store: FeatureStore, night: Night, listener_id: str) -> None:
    """Do one listener's part of the night: read, recommend, write down."""
    made = night.make(store.read(LISTENS, where={"listener_id": listener_id}))
    read_history(store, listener_id, list(made), night.now)
    stamps: dict[str, Any] = {"model": night.label, "made_at": night.now, "expires_at": night.now + TIME_TO_LIVE}
    for name, playlist in made.items():
        key = {"listener_id": listener_id, "playlist": name}
        remember(store, listener_id, name, playlist.tracks["track_id"].to_list(), night.now)
        store.replace(RECOMMENDATIONS, playlist.tracks.assign(**key, **stamps), key)
        confirm(store, listener_id, name, night.now)
