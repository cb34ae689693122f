"""Which of several playlists is looked at: a row of buttons."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

STYLE = """
.tabs { display: flex; flex-wrap: wrap; gap: .4rem; }
button { font: inherit; padding: .5rem .95rem; color: var(--ink); background: var(--raised);
  border: 1px solid var(--edge); border-radius: 2rem; cursor: pointer; }
button:hover { border-color: var(--ink); }
button[aria-pressed=true] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
"""
ON_LOAD = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-playlist]");
  if (button) trigger("choose", {playlist: button.dataset.playlist});
});
"""


def tabs(playlists: Mapping[str, Mapping[str, Any]], opened: str) -> str:
    """Return the buttons as HTML; pressing one is the event ``choose``, whose data are the name as ``playlist``.

    Parameters
    ----------
    playlists : mapping
        Each with its ``title``, by its name.
    opened : str
        The name of the one that is looked at.
    """
    buttons = "".join(
        f'<button type="button" data-playlist="{escape(name)}" aria-pressed="{"true" if name == opened else "false"}">'
        f"{escape(playlist['title'].removeprefix('Segue '))}</button>"
        for name, playlist in playlists.items()
    )
    return f'<div class="tabs" role="group" aria-label="Playlist">{buttons}</div>' if buttons else ""
