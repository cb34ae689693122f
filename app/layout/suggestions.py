"""Songs that a typed text may mean, as a list: nothing to open or close, and within reach of every keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from app.search import Song

STYLE = """
ul { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: var(--radius);
  background: var(--raised); overflow: hidden; }
li + li { border-top: 1px solid var(--line); }
li { margin: 0; }
a, button { display: block; box-sizing: border-box; width: 100%; padding: .55rem .9rem; border: 0; background: none;
  color: var(--ink); font: inherit; text-align: left; text-decoration: none; overflow-wrap: anywhere; cursor: pointer; }
:is(a, button):is(:hover, :focus-visible) { background: var(--wash); color: var(--accent); outline-offset: -2px; }
"""


PICK = """
const picked = new WeakMap();
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-song]");
  if (!button) return;
  const list = button.closest("ul");
  const songs = [...(picked.get(list) ?? []), button.dataset.song];
  picked.set(list, songs);
  trigger("pick", {track_ids: songs});
});
"""
"""Lets buttons send ``pick``, an event whose data are the ``track_ids`` that were picked from the same list.

A quick second pick comes before the first is answered: then its answer is to both.
"""


def as_links(found: Sequence[Song], address: str) -> str:
    """Return links to songs, whose ids follow `address`; every text is escaped."""
    return _list(found, lambda song: f'<a href="{address}{song.track_id}">{escape(song.label)}</a>')


def as_buttons(found: Sequence[Song]) -> str:
    """Return a button for each song, for a component that does `PICK`; every text is escaped."""
    return _list(found, lambda song: f'<button data-song="{song.track_id}">{escape(song.label)}</button>')


def _list(found: Sequence[Song], entry: Callable[[Song], str]) -> str:
    # Of those that look the same only the first.
    by_label: dict[str, Song] = {}
    for song in found:
        by_label.setdefault(song.label, song)
    entries = "".join(f"<li>{entry(song)}</li>" for song in by_label.values())
    return f'<ul aria-label="Songs that this may mean">{entries}</ul>' if entries else ""
