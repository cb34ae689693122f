"""Song to songs: the nearest songs of a song, in each space beside those in the others."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

# Gradio reads the annotations of events at run time.
import gradio

from app.choices import only_made_up
from app.layout.note import note, problem
from app.layout.suggestions import STYLE as SUGGESTIONS_STYLE
from app.layout.suggestions import as_links
from app.pictures.map import map_picture
from app.search import Song
from app.songs.columns import STYLE, neighbor_columns, song_address
from app.wording import sentence
from inference_pipeline.newcomers import is_newcomer
from inference_pipeline.side_by_side import HYBRID, neighbors_by_space
from segue.errors import SegueError
from segue.links import track_link

if TYPE_CHECKING:
    import pandas as pd

    from app.context import Context
    from app.engine import Engine

INTRODUCTION = """# Song to songs

Choose a song, and see what is nearest to it: all in all, and in each single way that songs can be alike.
"""
SUGGESTIONS, NEIGHBORS = 8, 6
LONGEST = 200
GO = f"(song) => {{ if (song.trim()) window.location.assign('{song_address('')}' + encodeURIComponent(song.trim())); }}"
"""The page is what its address says, for others and for the way back: to ask for a song is to go there."""
Shown = tuple[Any, str, str, str]
"""The field, what is wrong, the columns, the map."""


def build(context: Context, page: gradio.Blocks) -> None:
    """Build the page."""
    engine = context.engine

    def open_page(request: gradio.Request) -> Shown:
        asked = request.query_params.get("song", "").strip()[:LONGEST]
        if not asked:
            return gradio.skip(), "", "", ""
        try:
            found = engine.search().find(asked, 1)
            if not found:
                return asked, problem(f"No song is found for “{asked}”.{only_made_up(engine.catalog())}"), "", ""
            with context.work.turn(request):
                return found[0].label, "", *_neighbors(engine, found[0])
        except SegueError as error:
            return asked, problem(sentence(error)), "", ""

    def suggest(typed: Any) -> str:
        if not isinstance(typed, str):
            return ""
        try:
            return as_links(engine.search().find(typed, SUGGESTIONS), song_address(""))
        except SegueError:
            return ""

    gradio.Markdown(INTRODUCTION)
    song = gradio.Textbox(
        label="Song",
        info="Type a title or an artist, or paste a link to a song at Spotify.",
        max_lines=1,
        max_length=LONGEST,
        elem_id="song",
    )
    meant = gradio.HTML(css_template=SUGGESTIONS_STYLE, apply_default_css=False)
    trouble = note()
    columns = gradio.HTML(css_template=STYLE, apply_default_css=False)
    drawn = gradio.HTML(apply_default_css=False)
    # All of it is quicker than a turn in Gradio's queue.
    page.load(open_page, None, [song, trouble, columns, drawn], queue=False, show_progress="hidden")
    song.input(suggest, song, meant, queue=False, show_progress="hidden", trigger_mode="always_last")
    song.submit(None, song, None, js=GO)


def _neighbors(engine: Engine, song: Song) -> tuple[str, str]:
    """Return the columns and the map."""
    opened, autoencoder = engine.open(), None
    with suppress(SegueError):
        autoencoder = engine.open("autoencoder").library
    spaces = neighbors_by_space(opened.library, song.track_id, NEIGHBORS, autoencoder)
    source = opened.library.catalog.recordings.loc[song.track_id, "source"]
    near: pd.DataFrame = spaces[HYBRID]
    newer = is_newcomer(opened.library.model, song.track_id)
    return (
        neighbor_columns(song, track_link(song.track_id, str(source)), spaces, newer=newer),
        map_picture(opened, [song.track_id], [*near.index], ("this song", "nearest of all")),
    )
