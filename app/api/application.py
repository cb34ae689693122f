"""The API as an application of its own, with its description and documentation; it is mounted on the app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fastapi_offline import FastAPIOffline
from starlette.routing import Mount

from app.api.own import own_routes
from app.api.problems import Problem, handle_problems
from app.api.recommending import recommending_routes
from app.api.songs import song_routes

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.context import Context

PATH = "/api/v1"
DESCRIPTION = """Songs, what goes with them, and why.

Songs are named by Spotify's ids. An error is answered with problem details (RFC 9457), and whoever asks too often is
told when to ask again. Your own playlists need the cookie of a login in a browser; all else needs nothing."""
REF = "#/components/schemas/{model}"


def mount_api(server: FastAPI, context: Context) -> None:
    """Mount the API on an app at `PATH`."""
    mount = Mount(PATH, api_app(context))
    # A path may hold line feeds, too: they are not for the pages to answer.
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    server.router.routes.append(mount)


def api_app(context: Context) -> FastAPI:
    """Return the application."""
    # The documentation's own scripts: they come from here, not from another server.
    api: FastAPI = FastAPIOffline(
        title="Segue", version="1", description=DESCRIPTION, redoc_url=None, swagger_ui_oauth2_redirect_url="/docs/back"
    )
    handle_problems(api)
    for routes in (song_routes, recommending_routes, own_routes):
        api.include_router(routes(context))
    describe = api.openapi

    def with_problems() -> dict[str, Any]:
        described = describe()
        own = Problem.model_json_schema(ref_template=REF)
        described["components"]["schemas"] |= {**own.pop("$defs"), Problem.__name__: own}
        return described

    api.openapi = with_problems  # type: ignore[method-assign] # the way that FastAPI has for it
    return api
