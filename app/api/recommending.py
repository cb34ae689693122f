"""Recommendations over HTTP, from songs that somebody names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from fastapi import Request as HttpRequest

from app.api.answers import Recommendation, Recommendations
from app.api.asked import Request
from app.api.opening import open_model
from app.api.problems import documented
from app.wording import sentence
from inference_pipeline.presenting import present
from segue.errors import InputError

if TYPE_CHECKING:
    from app.context import Context


def recommending_routes(context: Context) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["Recommendations"])

    @routes.post("/recommendations", summary="Recommend from songs", responses=documented(400, 404, 503))
    def recommend(asked: Request, request: HttpRequest) -> Recommendations:
        """Recommend tracks that go with some songs, each with a reason.

        No seed is recommended, no other version of one, and at most three tracks by an artist. Nothing of what is sent
        is kept.
        """
        opened = open_model(context.engine, asked.approach)
        try:
            found = context.together.recommend(request, opened.library, asked.preferences(), asked.wishes())
        except InputError as error:
            raise HTTPException(404, sentence(error)) from None
        rows = present(opened.library.catalog, found.playlist.tracks)[: asked.limit]
        return Recommendations(
            model=opened.label,
            tracks=[Recommendation(**row) for row in rows],
            matched=found.matched,
            unknown=list(found.unknown),
            widened=list(found.playlist.widened),
        )

    return routes
