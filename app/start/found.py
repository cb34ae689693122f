"""What a visitor gets for the songs they start from, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from app.exports.lines import to_lines, to_links
from app.exports.routes import FORMATS, export_address
from app.layout.track_list import markup
from app.pictures.map import map_picture
from app.pictures.taste import taste_picture
from app.start.picks import share_address
from inference_pipeline.presenting import let_in, present
from inference_pipeline.wishes import Wishes

if TYPE_CHECKING:
    import gradio

    from app.context import Context
    from app.engine import Mapped

TITLE = "What goes with them"


@dataclass(frozen=True)
class Found:
    """Recommendations.

    Attributes
    ----------
    track_ids : list of str
        In the order of the list.
    tracks, taste, atlas : str
        Markup: the list with its reasons, the picture of what it started from, and the map with both on it.
    lines, links : str
        Text to paste.
    """

    track_ids: list[str]
    tracks: str
    taste: str
    atlas: str
    lines: str
    links: str

    def downloads(self, picked: Sequence[str]) -> str:
        """Return links to the list's files, and one to the songs that were picked for it, as markup."""
        files = "".join(
            f'<li><a href="{escape(export_address(ending, self.track_ids))}" download="segue.{ending}">{name}</a></li>'
            for ending, (name, _, _) in FORMATS.items()
        )
        copies = ['data-copy="titles">Copy the titles']
        if self.links:
            copies.append('data-copy="links">Copy the links')
        if picked:
            copies.append(f'data-link="{escape(share_address(picked))}">Copy a link to your songs')
        buttons = "".join(f'<button type="button" {each}</button>' for each in copies)
        return f"<p>As a file:</p><ul>{files}</ul><p>As text:</p>{buttons}"


def find(
    context: Context, request: gradio.Request, opened: Mapped, seeds: Mapping[str, float], wishes: Wishes
) -> Found:
    """Recommend what goes with some songs.

    Parameters
    ----------
    context : Context
    request : gradio.Request
        Of whoever asks.
    opened : Mapped
    seeds : mapping of str to float
        How much each track is liked, by its id.
    wishes : Wishes

    Raises
    ------
    InputError
        If nothing comes of them; the message says why.
    TooMuchError
        If whoever asks has asked too often.
    """
    library = opened.library
    found = context.together.recommend(request, library, seeds, wishes)
    rows = present(library.catalog, found.playlist.tracks)
    shown = {"title": TITLE, "about": _about(rows, found.matched, found.playlist.widened), "tracks": rows}
    track_ids = [row["track_id"] for row in rows]
    with context.work.places:
        return Found(
            track_ids,
            markup(shown),
            taste_picture(library, seeds),
            map_picture(opened, list(seeds), track_ids),
            to_lines(rows),  # type: ignore[arg-type] # they have more keys than is needed
            to_links(rows),  # type: ignore[arg-type] # the same
        )


def _about(rows: Sequence[Mapping[str, Any]], matched: int, widened: Sequence[str]) -> str:
    songs = "1 song" if matched == 1 else f"{matched:,} songs"
    about = f"{len(rows)} tracks from {songs}."
    return " ".join(filter(None, [about, let_in(widened)]))
