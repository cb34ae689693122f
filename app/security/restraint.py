"""What Gradio would do of itself, and must not do here. It has no settings for any of it; tests hold each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio
from gradio import processing_utils
from gradio.routes import App
from gradio.state_holder import SessionState, StateHolder

if TYPE_CHECKING:
    from fastapi import FastAPI


class Forgetful(StateHolder):
    """Remembers nothing of any browser tab.

    Gradio keeps what goes into every component and comes out of it, for whoever names the tab's ``session_hash``, and
    lets go of it only beyond ten thousand tabs. No page here has anything to remember between two events.
    """

    def __getitem__(self, session_id: str) -> SessionState:
        """Return the state that a tab begins with."""
        return SessionState(self.blocks)

    def __contains__(self, session_id: str) -> bool:
        """Return that no tab is known."""
        return False


def restrain(blocks: gradio.Blocks, server: FastAPI) -> None:
    """Keep the pages, which are mounted on a server, from remembering visitors and from fetching files for them."""
    mounted = next(app for route in server.routes if isinstance(app := getattr(route, "app", None), App))
    mounted.state_holder = Forgetful()  # type: ignore[no-untyped-call] # Gradio's, without annotations
    mounted.state_holder.set_blocks(blocks)
    # Only then does it look whether a file that an event names was uploaded: mounted, it never "launches".
    blocks.has_launched = True
    processing_utils.async_ssrf_protected_download = _fetch_nothing


async def _fetch_nothing(url: str, cache_dir: str) -> Any:  # noqa: ARG001 - in place of a function of Gradio's
    # What is on another server is none of the files that a visitor has uploaded.
    raise gradio.Error("Choose a file of your own.", print_exception=False)
