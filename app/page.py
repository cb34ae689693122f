"""The first page: each demo listener's playlists, with a reason for every track."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio

from app.listeners import demo_listeners, demo_playlists
from app.style import PLAYLIST_CSS, PLAYLIST_HTML

if TYPE_CHECKING:
    from segue.store import FeatureStore

# Fonts that every system has: nothing is fetched for them.
THEME = gradio.themes.Default(
    primary_hue="teal", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
)
INTRODUCTION = """# Segue

Playlists that say why. These listeners are made up: they live in Segue's own sandbox of Spotify, and their tastes are
drawn from the catalog. Choose one to see what Segue put on their playlists, and what led to each track.

[Your own account](/account)
"""
NOBODY_YET = "No playlist has been made yet. Run **`make run`**, or `segue sandbox -- segue nightly`, then reload."


def build_page(store: FeatureStore) -> gradio.Blocks:
    """Return the page over the playlists in `store`, which is read anew for every visitor."""

    def open_page() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        listeners = demo_listeners(store)
        if not listeners:
            return gradio.update(visible=False), gradio.update(visible=False), gradio.update(visible=True)
        first = listeners[0][1]
        chosen = gradio.update(choices=listeners, value=first, visible=True)
        return chosen, gradio.update(value=demo_playlists(store, first), visible=True), gradio.update(visible=False)

    def choose(listener_id: str) -> dict[str, Any]:
        return demo_playlists(store, listener_id)

    with gradio.Blocks(title="Segue: playlists that say why", analytics_enabled=False) as page:
        gradio.Markdown(INTRODUCTION)
        listener = gradio.Radio(label="Listener", interactive=True, elem_id="listener")
        playlist = gradio.HTML(html_template=PLAYLIST_HTML, css_template=PLAYLIST_CSS, apply_default_css=False)
        empty = gradio.Markdown(NOBODY_YET, visible=False)
        # Both only read a few rows: waiting in Gradio's queue would take longer than the work.
        page.load(open_page, None, [listener, playlist, empty], queue=False, show_progress="hidden")
        listener.input(choose, listener, playlist, queue=False, show_progress="hidden")
    built: gradio.Blocks = page
    return built
