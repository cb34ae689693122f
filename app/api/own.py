"""A listener's own playlists over HTTP, and how Segue is doing."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.security import APIKeyCookie

from app.about.status import read_status
from app.api.answers import Model, Playlist, Playlists, Run, Status
from app.api.problems import documented
from app.playlists.kept_playlists import kept_playlists

if TYPE_CHECKING:
    from app.context import Context

SESSION = APIKeyCookie(
    name="segue_session", scheme_name="session", description="The cookie of who is logged in.", auto_error=False
)


def own_routes(context: Context) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/me/playlists", summary="Your own playlists", tags=["You"], responses=documented(401))
    def playlists(request: Request, response: Response, _: Annotated[str | None, Depends(SESSION)]) -> Playlists:
        """Return the playlists that are kept for whoever is logged in, each track with its reason."""
        listener_id = context.listener_of(request)
        if listener_id is None:
            raise HTTPException(401, "Log in first: open /auth/login in a browser.", {"WWW-Authenticate": "Cookie"})
        response.headers["Cache-Control"] = "private, no-store"
        kept = kept_playlists(context.store, listener_id)
        return Playlists(playlists=[Playlist(name=name, **shown) for name, shown in kept.items()])

    @routes.get("/status", summary="How Segue is doing", tags=["Segue"], responses=documented())
    def status() -> Status:
        """Tell when each pipeline last ran, how large the catalog is, and what recommends. Nothing is about anyone."""
        found = read_status(context.store, context.settings)
        return Status(
            tracks=sum(found.sources.values()),
            runs=[Run.model_validate(run, from_attributes=True) for run in found.runs],
            models=[
                Model(
                    label=model.label,
                    registered_at=model.registered_at,
                    metrics={name: value for name, value in model.metrics.items() if isfinite(value)},
                )
                for model in found.models
            ],
            calls=found.calls,
            daily_calls=found.daily_calls,
        )

    return routes
