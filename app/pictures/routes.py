"""What pictures fetch: the ground of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request, Response

from inference_pipeline.wishes import APPROACHES
from segue.errors import SegueError

if TYPE_CHECKING:
    from app.context import Context


def picture_routes(context: Context) -> APIRouter:
    """Return the route ``/pictures/map.png?model=name@version``: the density of the catalog on that model's map."""
    routes = APIRouter()

    @routes.get("/pictures/map.png")
    def map_image(request: Request, model: str = "hybrid") -> Response:
        name = model.partition("@")[0]
        if name not in APPROACHES.values():
            raise HTTPException(404, "There is no such model.")
        try:
            opened = context.engine.open(name)
        except SegueError as error:
            raise HTTPException(503, "There is no model yet.") from error
        # What a page shows that was opened before a new version came is not on the new one's map.
        if opened.atlas is None or model not in {name, opened.label}:
            raise HTTPException(404, "This model has no map.")
        # A model never changes under its label: whoever has the picture of this one need not fetch it again.
        headers = {"ETag": f'"{opened.label}"', "Cache-Control": "public, max-age=3600"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(opened.atlas.image, media_type="image/png", headers=headers)

    return routes
