"""What a browser sends along with an event of a `gradio.HTML`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio


def sent(event: gradio.EventData, name: str) -> object:
    """Return what was sent under a name, or None: a visitor may have sent anything, or nothing."""
    try:
        return getattr(event, name, None)
    except TypeError:
        return None
