"""The nearest songs of a song, a column for each way in which songs are alike, as markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd

from app.layout.track_list import AWAY, MADE_UP
from app.search import Song
from inference_pipeline.side_by_side import HYBRID
from segue.links import track_link

COLUMNS = {
    "hybrid": ("All together", "What follows, each weighed by how much it says about what people listen to together."),
    "audio": ("Sound", "Alike in tempo, energy, mood and the like."),
    "colisten": ("Playlists", "On the same public playlists."),
    "genre": ("Genre", "Under the same labels."),
    "tags": ("Related genres", "Under labels that the same artists have."),
    "artist": ("Artist", "By the same people, or with them."),
    "autoencoder": ("Sound, learned", "Alike in sound, as a neural network sums it up."),
}
"""What people read above each space of `inference_pipeline.side_by_side`, in this order."""
NOTHING = "Nothing is known of this song here."
NEWER = "This song came after the model was trained: until it is trained again, it is compared by its sound alone."
STYLE = """
color: var(--ink); line-height: 1.4;
h2 { margin: 0 0 .2rem; font: 600 var(--size-l)/1.3 var(--serif); overflow-wrap: anywhere; }
h3 { margin: 0; font: 600 1.05rem/1.3 var(--serif); }
p { margin: 0; overflow-wrap: anywhere; }
a { color: inherit; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:hover { color: var(--accent); }
.quiet { color: var(--quiet); font-size: .9em; }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.6rem 2rem;
  margin-top: 1.2rem; }
ol { list-style: none; margin: .5rem 0 0; padding: 0; }
li { margin: 0; padding: .55rem 0; border-top: 1px solid var(--line); }
b { font-weight: 600; }
.near { display: flex; align-items: center; gap: .6rem; margin-top: .25rem; font-size: .85em; color: var(--quiet);
  font-variant-numeric: tabular-nums; }
.bar { flex: 0 0 5rem; height: .4rem; border-radius: .2rem; background: var(--line); overflow: hidden; }
.bar span { display: block; height: 100%; background: var(--accent); }
.near a { margin-left: auto; padding: .2rem 0; }
"""


def song_address(track_id: str) -> str:
    """Return the address of the page with a song on it."""
    return f"/songs?song={quote(track_id)}"


def neighbor_columns(song: Song, url: str, spaces: Mapping[str, pd.DataFrame], *, newer: bool = False) -> str:
    """Return the columns; every text in them is escaped.

    Parameters
    ----------
    song : Song
        Whose neighbors they are.
    url : str
        Where that is at Spotify; empty where it is not.
    spaces : mapping of str to DataFrame
        What `inference_pipeline.side_by_side.neighbors_by_space` returns.
    newer : bool
        Whether the song came after the model was trained: all together is then no more than the sound.
    """
    made_up = "" if url else MADE_UP
    about = " · ".join(escape(part) for part in (song.artists, str(song.year or "")) if part)
    shown = [name for name in COLUMNS if name in spaces and not (newer and name == HYBRID)]
    columns = "".join(_column(*COLUMNS[name], spaces[name]) for name in shown)
    noted = f"<p>{NEWER}</p>" if newer else ""
    return (
        f'<section><h2>Songs like {_titled(song.title, url)}</h2><p class="quiet">{about}</p>{made_up}{noted}'
        f'<div class="columns">{columns}</div></section>'
    )


def _column(heading: str, about: str, found: pd.DataFrame) -> str:
    rows = "".join(_row(track) for track in _tracks(found))
    listed = f"<ol>{rows}</ol>" if rows else f'<p class="quiet">{NOTHING}</p>'
    return f'<section><h3>{heading}</h3><p class="quiet">{about}</p>{listed}</section>'


def _tracks(found: pd.DataFrame) -> Iterator[dict[str, Any]]:
    texts = ["title", "artists", "source", "genre", "sound"]
    columns = [found.index, *(found[name].fillna("") for name in texts), found["similarity"]]
    for values in zip(*columns, strict=True):
        yield dict(zip(["track_id", *texts, "similarity"], values, strict=True))


def _row(track: Mapping[str, Any]) -> str:
    title = track["title"] or track["track_id"]
    shared = " · ".join(filter(None, [track["genre"], f"both {track['sound']}" if track["sound"] else ""]))
    share = round(100 * min(1.0, max(0.0, track["similarity"])))
    return (
        f"<li><p><b>{_titled(title, track_link(track['track_id'], track['source']))}</b> "
        f"{escape(track['artists'].replace(';', ', '))}</p>"
        f'<p class="quiet">{escape(shared)}</p>'
        f'<div class="near"><span class="bar" aria-hidden="true"><span style="width: {share}%"></span></span>'
        f'<span>{share} % alike</span><a href="{song_address(track["track_id"])}" '
        f'aria-label="Songs like this: {escape(title)}">Songs like this</a></div></li>'
    )


def _titled(title: str, url: str) -> str:
    name = escape(title)
    return f'<a href="{escape(url)}" aria-label="{name}: listen on Spotify" {AWAY}>{name}</a>' if url else name
