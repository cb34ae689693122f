"""What every page and route of the app works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.accounts.cookies import read_cookie
from app.accounts.sessions import Sessions
from app.engine import Engine
from app.playlists.refresh import Refreshes
from app.security.work import Work
from app.together import Together
from segue.store import open_store

if TYPE_CHECKING:
    import gradio
    from fastapi import Request

    from segue.settings import Settings
    from segue.store import FeatureStore


@dataclass(frozen=True)
class Context:
    """One app.

    Attributes
    ----------
    settings : Settings
    store : FeatureStore
        What it holds of a listener is read anew for every request.
    engine : Engine
        Catalog and models, opened once for all visitors, and again when a run has made others.
    sessions : Sessions
        Who is logged in.
    work : Work
        Whose turn it is to have something worked out.
    together : Together
        Recommends to those who come at the same time.
    refreshes : Refreshes
        What listeners have refreshed just now.
    """

    settings: Settings
    store: FeatureStore
    engine: Engine
    sessions: Sessions
    work: Work
    together: Together
    refreshes: Refreshes

    @classmethod
    def of(cls, settings: Settings) -> Context:
        """Return the context of an app with these settings."""
        store, work = open_store(settings.store_url), Work(settings)
        return cls(settings, store, Engine(settings, store), Sessions(store), work, Together(work), Refreshes())

    def listener_of(self, request: Request | gradio.Request) -> str | None:
        """Return the listener who is logged in, by the cookie of this very request; None for a visitor.

        Whatever else a request says of itself is chosen by whoever sends it. In Gradio that holds for events with
        ``queue=False``, which are answered by the request that asks: nothing private goes through the queue, where an
        answer is handed to whoever names the right session_hash.
        """
        return self.sessions.listener_of(read_cookie(self.settings, request, "segue_session"))
