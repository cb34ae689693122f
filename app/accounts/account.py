"""The page of a listener's own account, and what they can change there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.account_page import account_parts, visitor_parts
from app.layout.plain_page import HEADERS, plain_page
from app.playlists.kept_playlists import removed_titles
from inference_pipeline.kept import bring_back, removed_playlists
from segue.spotify.account import account_of
from segue.spotify.retention import kept_about

if TYPE_CHECKING:
    from app.context import Context

SEE_OTHER = 303


def account_routes(context: Context) -> APIRouter:
    """Return the routes ``/account`` and ``/account/bring-back/{name}``, a playlist that its owner has removed."""
    router = APIRouter()

    @router.get("/account")
    def show(request: Request) -> Response:
        listener_id = context.listener_of(request)
        account = None if listener_id is None else account_of(context.store, context.settings, listener_id)
        if account is None:
            return plain_page(context, request, "Your account", *visitor_parts(context.settings.space_host))
        titles = removed_titles(context.store, account.listener_id)
        kept = kept_about(context.store, account.listener_id)
        return plain_page(context, request, account.name, *account_parts(account, titles, kept))

    @router.post("/account/bring-back/{name}")
    def bring(request: Request, name: str) -> Response:
        listener_id = context.listener_of(request)
        # Twice is as good as once.
        if listener_id is not None and name in removed_playlists(context.store, listener_id):
            bring_back(context.store, listener_id, name)
        return RedirectResponse("/account", SEE_OTHER, HEADERS)

    return router
