"""A bucket of listeners, served in whatever process, on whatever machine: only counts go back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock

import pandas as pd
from threadpoolctl import threadpool_limits

from inference_pipeline.account import Account
from inference_pipeline.candidates import COLUMNS
from inference_pipeline.counts import Counts, count_earlier, count_served
from inference_pipeline.libraries import Libraries
from inference_pipeline.playlist_kinds import kinds_named
from inference_pipeline.recommend import Service
from segue.errors import SettingsError
from segue.models.catalog import read_catalog
from segue.settings import Settings, load_settings
from segue.spotify.listeners import connected_listeners
from segue.spotify.setup import spotify_settings
from segue.store import FeatureStore, open_store

_OPENING = Lock()


@dataclass(frozen=True)
class Bucket:
    """What a process is told: neither secrets nor data, which it takes from its own settings and from the store.

    Attributes
    ----------
    run_id : str
        The same for all buckets of a run.
    listener_ids : tuple of str
        In the order in which they are served.
    kinds : tuple of str
        Names of the playlists to make for everybody; none for those that each keeps.
    began, account
        As in `Service`.
    """

    run_id: str
    listener_ids: tuple[str, ...]
    kinds: tuple[str, ...]
    began: datetime
    account: type[Account]


def serve_bucket(bucket: Bucket) -> tuple[Bucket, Counts]:
    """Serve the listeners of a bucket. Once more, it leaves out whom it has served and ends in the same playlists.

    Raises
    ------
    SettingsError
        If this process is set up for another store, or another Spotify, than the one that made the bucket.
    InputError, RegistryError
        If there is no catalog, or no model, here.
    """
    # Processes share the machine's cores; the libraries below would each take all of them.
    with threadpool_limits(1):
        with _OPENING:
            settings, store, libraries = _open(bucket.run_id)
            model = libraries.open("hybrid").label
        listeners = _listeners(store, settings, bucket)
        service = Service(store, settings, libraries, kinds_named(bucket.kinds), bucket.account, bucket.began)
        counts = count_served(list(service.serve(listeners)))
    report = service.report
    rest = Counts(
        deferred=len(report["deferred"]),
        calls=report["calls"],
        token_requests=report["token_requests"],
        models=frozenset({model}),
        stopped=frozenset({report["stopped"]} - {None}),
    )
    return bucket, counts + rest + count_earlier(store, bucket.began, report["earlier"])


@lru_cache(maxsize=1)
def _open(run_id: str) -> tuple[Settings, FeatureStore, Libraries]:
    """Open store and models once for each run: the next one may have others."""
    del run_id
    settings = spotify_settings(load_settings())
    store = open_store(settings.store_url)
    return settings, store, Libraries(settings, read_catalog(store, COLUMNS))


def _listeners(store: FeatureStore, settings: Settings, bucket: Bucket) -> pd.DataFrame:
    wanted = list(bucket.listener_ids)
    connected = connected_listeners(store, settings, wanted).set_index("listener_id", drop=False)
    # All of a small bucket may have left meanwhile; that nobody is there at all is another matter.
    if connected.empty and connected_listeners(store, settings).empty:
        raise SettingsError(
            "a process that serves a bucket finds no listeners: it needs the same SEGUE_STORE and the same "
            "settings of Spotify as the program that began the run"
        )
    return connected.loc[[listener_id for listener_id in wanted if listener_id in connected.index]].reset_index(
        drop=True
    )
