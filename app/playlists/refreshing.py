"""The part of a page that refreshes a listener's playlists now, and says how far that is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import gradio

from app.playlists.refresh_progress import progress
from app.playlists.steering import wishes_or_defaults
from app.playlists.view import view_of
from app.wording import sentence
from segue.errors import InputError
from segue.spotify.account import account_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.context import Context

REFRESH = "/playlists#refresh"
"""The address of the button."""
EVERY = 1.5
"""Seconds between two looks at how far it is."""
SAY = '<p class="say" role="status">${value}</p>'
SAY_CSS = ".say { margin: 0; padding: .3rem 0; color: var(--ink); } .say:empty { display: none; }"
MUST_LOG_IN = "Log in again first."


class Refreshing:
    """A button, a line of text and a clock; `to_show` are the components of `app.playlists.view.View`."""

    def __init__(self, context: Context, to_show: Sequence[gradio.components.Component]) -> None:
        self.context, self.refreshes, self.to_show = context, context.refreshes, to_show
        with gradio.Row():
            button = gradio.Button("Refresh now", size="md", scale=0, min_width=160, elem_id="refresh")
            self.said = gradio.HTML(html_template=SAY, css_template=SAY_CSS, apply_default_css=False)
        self.clock = gradio.Timer(EVERY, active=False)
        self.parts = [self.said, self.clock]
        button.click(self.refresh_now, None, self.parts, queue=False, show_progress="hidden")
        # Before anything can happen: what a Timer calls is asked for by the browser that has the cookie.
        self.clock.tick(self.look_at_refresh, to_show[1], [*self.parts, *to_show], queue=False, show_progress="hidden")

    def refresh_now(self, request: gradio.Request) -> tuple[str, gradio.Timer]:
        """Begin a refresh for whoever asks."""
        listener_id = self.context.listener_of(request)
        account = None if listener_id is None else account_of(self.context.store, self.context.settings, listener_id)
        if account is None or account.must_log_in:
            return MUST_LOG_IN, gradio.Timer(active=False)
        try:
            self.refreshes.start(account.listener_id)
        except InputError as error:
            return escape(sentence(error)), gradio.Timer(active=False)
        return self.how_far(account.listener_id)

    def how_far(self, listener_id: str) -> tuple[str, gradio.Timer]:
        """Return what is said of a listener's refresh, and whether it is worth to look again."""
        refresh = self.refreshes.of(listener_id)
        if refresh is None:
            return "", gradio.Timer(active=False)
        wanted = wishes_or_defaults(self.context.store, listener_id).playlists
        running = refresh.running
        return escape(progress(self.context.store, listener_id, wanted, refresh)), gradio.Timer(active=running)

    def look_at_refresh(self, opened: str, request: gradio.Request) -> list[Any]:
        """Say how far it is; once it has ended, show what came of it."""
        listener_id = self.context.listener_of(request)
        if listener_id is None:
            return [MUST_LOG_IN, gradio.Timer(active=False), *(gradio.skip() for _ in self.to_show)]
        refresh = self.refreshes.of(listener_id)
        said, clock = self.how_far(listener_id)
        if refresh is not None and refresh.running:
            return [said, clock, *(gradio.skip() for _ in self.to_show)]
        return [said, clock, *view_of(self.context.store, listener_id, opened, own=True)]
