"""Building the catalog and the public playlists from datasets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from feature_pipeline.inputs import Inputs, Request, fingerprint, gather
from feature_pipeline.made_up import made_up_catalog
from feature_pipeline.merging import merge
from feature_pipeline.playlists import read_playlists
from feature_pipeline.reading import read_source
from segue.console import note, track_progress
from segue.errors import InputError, SourceUnavailableError
from segue.groups import PLAYLIST_TRACKS, TRACKS
from segue.links import MADE_UP
from segue.runs import last_fingerprint, recorded_run
from segue.settings import Settings
from segue.store import FeatureStore


def build_features(
    store: FeatureStore, settings: Settings, request: Request, only_if_changed: bool = False
) -> dict[str, Any]:
    """Make the groups `tracks` and `playlist_tracks` hold exactly what the datasets hold, and return the report.

    Where nothing was asked for and nothing can be downloaded, a catalog that is there is kept; otherwise a small
    made-up one is used.

    Parameters
    ----------
    store : FeatureStore
    settings : Settings
    request : Request
    only_if_changed : bool
        Do nothing where the last run had the same input.

    Returns
    -------
    dict
        ``data`` (``"datasets"``, ``"made-up"``, ``"kept"`` or ``"unchanged"``), ``files`` (file → which source took it,
        or why none did), ``tracks`` and ``playlists`` (reports), ``written`` (rows of each group).

    Raises
    ------
    InputError
        If a file is broken or none holds tracks; nothing is written then.
    SourceUnavailableError
        If a dataset that was asked for, or the tracks for playlists that were named, cannot be downloaded.
    """
    try:
        inputs = gather(request, settings)
    except SourceUnavailableError as error:
        if request.sources or request.playlists:
            raise
        return _without_datasets(store, str(error))
    mark = fingerprint(inputs, request)
    files = {str(path): verdict for path, verdict in inputs.verdicts.items()}
    if only_if_changed and last_fingerprint(store, "features") == mark:
        note("no dataset has changed since the last run: the catalog stays as it is")
        return {"data": "unchanged", "files": files}
    with recorded_run(store, "features", mark) as report:
        report.update(data="datasets", files=files, **_build(store, inputs, request))
    return report


def _build(store: FeatureStore, inputs: Inputs, request: Request) -> dict[str, Any]:
    datasets = [read_source(*found) for found in track_progress(inputs.tracks, "Reading datasets")]
    catalog = merge(datasets, request.include_unnamed)
    if catalog.tracks.empty:
        raise InputError(
            "none of the datasets gives a track its title, so nothing could be recommended: "
            "add one that does, or ask for --include-unnamed"
        )
    playlists = read_playlists(inputs.playlists, catalog.tracks)
    return {
        "tracks": catalog.report.to_dict(),
        "playlists": [asdict(one) for one in playlists.report],
        "written": _write(store, catalog.tracks, playlists.tracks),
    }


def _write(store: FeatureStore, tracks: pd.DataFrame, playlist_tracks: pd.DataFrame) -> dict[str, int]:
    _announce_losses(store, tracks)
    # Killed in between, a run leaves old playlists beside new tracks. Readers join the two, and the next run does both
    # again, whatever it is told to skip: this one stays recorded as failed.
    store.replace(TRACKS, tracks)
    store.replace(PLAYLIST_TRACKS, playlist_tracks)
    return {
        "tracks": len(tracks),
        "recordings": len(tracks["recording_id"].unique()),
        "playlists": len(playlist_tracks["playlist_id"].unique()),
        "playlist_tracks": len(playlist_tracks),
    }


def _announce_losses(store: FeatureStore, tracks: pd.DataFrame) -> None:
    """Say which datasets an earlier run took and this one does not."""
    lost = set(store.read(TRACKS, ["source"])["source"]) - set(tracks["source"]) - {MADE_UP}
    if lost:
        note(
            f"no longer in the catalog: {', '.join(sorted(lost))}; "
            "to keep a folder of datasets from night to night, set SEGUE_DATA_DIR"
        )


def _without_datasets(store: FeatureStore, trouble: str) -> dict[str, Any]:
    note(trouble)
    sources = store.read(TRACKS, ["source"])["source"]
    if len(sources) and MADE_UP not in set(sources):
        note(f"keeping the catalog that is there: {len(sources):,} tracks")
        return {"data": "kept", "files": {}}
    note("using a small made-up catalog instead: none of its artists exists")
    with recorded_run(store, "features") as report:
        report.update(data=MADE_UP, files={}, written=_write(store, *made_up_catalog()))
    return report
