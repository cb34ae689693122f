"""What Segue knows that a listener played, and what of it the catalog has."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from segue.groups import LISTENERS, LISTENS

if TYPE_CHECKING:
    import pandas as pd

    from segue.store import FeatureStore

STYLE = """
color: var(--ink); line-height: 1.5;
p { margin: 0 0 .5rem; }
ul { margin: 0; padding-left: 1.2rem; columns: 20rem auto; }
a { color: inherit; text-underline-offset: .2em; }
li { margin: 0; overflow-wrap: anywhere; }
"""
MOST_NAMED = 60


def heard(store: FeatureStore, listener_id: str) -> str:
    """Return what a listener played and how much of it was found in the catalog, as HTML."""
    listens = store.read(LISTENS, where={"listener_id": listener_id}).drop_duplicates("track_id")
    if listens.empty:
        return "<p>Nothing yet: the next refresh asks Spotify what was played.</p>"
    ways = listens["matched_by"]
    missing, by_artist = listens[ways == "none"], int((ways == "artist").sum())
    found = len(listens) - len(missing) - by_artist
    said = [f"Of the {len(listens)} songs that Spotify says were played most or last, {found} are in the catalog."]
    if by_artist:
        said.append(f"For {by_artist} there is another song by the same artist, which counts for less.")
    if missing.empty:
        return f"<p>{' '.join(said)}</p>"
    said.append(f"{len(missing)} could not be found, and play no part:")
    there = not store.read(LISTENERS, ["listener_id"], {"listener_id": listener_id, "service": "spotify"}).empty
    return f"<p>{' '.join(said)}</p>{_names(missing, at_spotify=there)}"


def _names(listens: pd.DataFrame, *, at_spotify: bool) -> str:
    # What the sandbox's listeners play may be nowhere else.
    link = '<a href="https://open.spotify.com/track/{}">{}</a>' if at_spotify else "{1}"
    named = [
        f"<li>{link.format(escape(track_id), escape(title))} · {escape(artists.replace(';', ', '))}</li>"
        for track_id, title, artists in zip(listens["track_id"], listens["title"], listens["artists"], strict=True)
    ]
    more = len(named) - MOST_NAMED
    return f"<ul>{''.join(named[:MOST_NAMED])}{f'<li>and {more} more</li>' if more > 0 else ''}</ul>"
