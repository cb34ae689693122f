"""All pages in one Gradio app: what they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio

from app.playlists import page as playlists
from app.security.files import KEPT_SECONDS
from app.songs import page as songs
from app.start import page as start

if TYPE_CHECKING:
    from app.context import Context

PATHS = ("/", "/playlists", "/songs")


def build_blocks(context: Context) -> gradio.Blocks:
    """Return the pages ``/``, ``/playlists`` and ``/songs``."""
    blocks: gradio.Blocks = gradio.Blocks(
        title="Segue: playlists that say why", analytics_enabled=False, delete_cache=(60, KEPT_SECONDS)
    )
    with blocks:
        start.build(context, blocks)
    with blocks.route("Your playlists", "playlists", show_in_navbar=False):
        playlists.build(context, blocks)
    with blocks.route("Song to songs", "songs", show_in_navbar=False):
        songs.build(context, blocks)
    return blocks
