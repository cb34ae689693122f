"""The catalog over HTTP: search, what is known of a track, what is like it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
from fastapi import APIRouter, HTTPException, Query, Request

from app.api.answers import Found, Neighbor, Neighbors, Song, Track
from app.api.asked import SearchLimit, Space, Text, TrackId
from app.api.opening import open_model
from app.api.problems import documented
from app.wording import sentence
from inference_pipeline.side_by_side import neighbors_by_space
from segue.errors import InputError
from segue.groups import AUDIO_FEATURES
from segue.links import track_link

if TYPE_CHECKING:
    from app.context import Context
    from segue.models.catalog import Catalog

UNKNOWN = "This track is not in the catalog."


def song_routes(context: Context) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["Songs"])
    engine = context.engine

    @routes.get("/search", summary="Search for songs", responses=documented(503))
    def search(q: Text, limit: SearchLimit = 10) -> Found:
        """Find songs by title and artist while they are typed; typos are forgiven."""
        return Found(songs=[Song(**vars(song)) for song in engine.search().find(q, limit)])

    @routes.get("/tracks/{track_id}", summary="Look up a track", responses=documented(404, 503))
    def track(track_id: TrackId) -> Track:
        """Tell what the catalog knows of a track."""
        return _track(engine.catalog(), track_id)

    @routes.get("/tracks/{track_id}/similar", summary="Find similar songs", responses=documented(404, 503))
    def similar(
        request: Request,
        track_id: TrackId,
        space: Annotated[Space, Query(description="In which respect they are to be near.")] = "hybrid",
        limit: SearchLimit = 10,
    ) -> Neighbors:
        """Find the songs that are nearest to a song, in one space or in all together (`hybrid`).

        Other versions of it are left out, and an artist has at most two songs, but in the space `artist`. Of a song
        that came after the model was trained only the sound is compared: in `audio`, and for `hybrid`, too.
        """
        library = open_model(engine).library
        recording = library.catalog.recordings_of([track_id]).iloc[0]
        if pd.isna(recording):
            raise HTTPException(404, UNKNOWN)
        autoencoder = open_model(engine, space).library if space == "autoencoder" else None
        try:
            with context.work.turn(request):
                found = neighbors_by_space(library, recording, limit, autoencoder, {space})
        except InputError as error:
            raise HTTPException(404, sentence(error)) from None
        near = found[space].reset_index().to_dict("records") if space in found else []
        shared = ("similarity", "genre", "sound")
        return Neighbors(
            space=space, songs=[Neighbor(**_named(row), **{name: row[name] for name in shared}) for row in near]
        )

    return routes


def _track(catalog: Catalog, track_id: str) -> Track:
    if track_id not in catalog.tracks.index:
        raise HTTPException(404, UNKNOWN)
    # By an index of the same type: any other takes a hundred times as long.
    asked = pd.Index([track_id], dtype=catalog.tracks.index.dtype, name="track_id")
    (row,) = catalog.tracks.reindex(asked).reset_index().to_dict("records")
    known = {name: value for name, value in row.items() if pd.notna(value)}
    return Track(
        **_named(row),
        recording_id=row["recording_id"],
        album=known.get("album"),
        genres=[name for name in known.get("genres", "").split(";") if name],
        explicit=known.get("explicit"),
        features={name: known[name] for name in AUDIO_FEATURES if name in known},
    )


def _named(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return what a row of the catalog has of `Song`, and its address."""
    known = {name: value for name, value in row.items() if pd.notna(value)}
    return {
        "track_id": row["track_id"],
        "title": known.get("title", row["track_id"]),
        "artists": known.get("artists", "").replace(";", ", "),
        "year": known.get("year"),
        "url": track_link(row["track_id"], row["source"]),
    }
