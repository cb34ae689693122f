"""The addresses at which a list of songs is downloaded: the list is in the address, nothing is kept here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from fastapi import APIRouter, HTTPException, Response

from app.exports.jspf import to_jspf
from app.exports.m3u import to_m3u
from app.exports.rows import Row
from app.exports.table import to_csv
from inference_pipeline.presenting import present
from segue.errors import SegueError
from segue.track_ids import read_track_id

if TYPE_CHECKING:
    from app.context import Context
    from segue.models.catalog import Catalog

TITLE = "From Segue"
MOST_SONGS = 100

FORMATS: Mapping[str, tuple[str, str, Callable[[Sequence[Row]], str]]] = {
    "csv": ("CSV", "text/csv", to_csv),
    "m3u8": ("M3U", "application/vnd.apple.mpegurl", lambda rows: to_m3u(rows, TITLE)),
    "jspf": ("JSPF", "application/jspf+json", lambda rows: to_jspf(rows, TITLE)),
}
"""Name, media type and writer of each format, by the ending of its files."""


def export_address(ending: str, track_ids: Sequence[str]) -> str:
    """Return where a list of tracks is downloaded in a format."""
    return f"/export/segue.{ending}?songs={','.join(track_ids)}"


def rows_of(catalog: Catalog, track_ids: Sequence[str]) -> list[Row]:
    """Return what is known of each track that the catalog has, in the same order."""
    known = [track_id for track_id in dict.fromkeys(track_ids) if track_id in catalog.tracks.index]
    ranked = pd.DataFrame({"rank": range(len(known)), "track_id": known, "reason": ""})
    return [Row(**{name: shown[name] for name in Row.__annotations__}) for shown in present(catalog, ranked)]  # type: ignore[typeddict-item] # its keys are those


def export_routes(context: Context) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/export/segue.{ending}")
    def download(ending: str, songs: str = "") -> Response:
        if ending not in FORMATS:
            raise HTTPException(404, f"There is no such format: choose {', '.join(FORMATS)}.")
        track_ids = songs.split(",")
        if len(track_ids) > MOST_SONGS or not all(map(read_track_id, track_ids)):
            raise HTTPException(400, f"Name 1 to {MOST_SONGS} track ids, separated by commas.")
        try:
            rows = rows_of(context.engine.catalog(), track_ids)
        except SegueError as error:
            raise HTTPException(503, str(error)) from None
        _, media_type, write = FORMATS[ending]
        named = {"Content-Disposition": f'attachment; filename="segue.{ending}"'}
        return Response(write(rows), media_type=media_type, headers=named)

    return routes
