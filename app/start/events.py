"""What happens on the first page. Whatever comes in was sent by a browser, or by whoever likes to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

# Gradio reads the annotations of events at run time.
import gradio

from app.choices import only_made_up
from app.layout.event_data import sent
from app.layout.note import noted, problem
from app.layout.suggestions import as_buttons
from app.playlists.steering_form import FieldError
from app.search import Song
from app.start.file_note import file_note
from app.start.found import Found, find
from app.start.offers import EXAMPLES
from app.start.options import NAMES, choices, read_options
from app.start.picks import brought_songs, picked_songs, shared_songs
from app.uploads.files import deleted_afterwards
from app.uploads.matching import match
from app.uploads.reading import read_songs
from app.wording import sentence
from segue.errors import SegueError

if TYPE_CHECKING:
    from app.context import Context

SUGGESTIONS = 10
LEAST_LETTERS = 3
NOTHING = "No song and nobody in the catalog is called that: try other words."
Updates = list[Any]
READING = BoundedSemaphore(2)
"""A large file takes hundreds of megabytes while it is read: no more than two are at once."""


class StartEvents:
    """The events of the page; nothing of a visitor stays here.

    Parameters
    ----------
    context : Context
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._engine = context.engine

    def open_page(self, request: gradio.Request) -> Updates:
        """Fill in what there is to choose from, and begin with the songs that the address names."""
        given = shared_songs(request.query_params.get("songs", ""))
        try:
            names = [
                gradio.update(value=f"Start with {genre}", visible=True) for genre, _ in self._engine.offers().examples
            ]
            hidden = [gradio.skip()] * (EXAMPLES - len(names))
            return [self._pick(given) if given else gradio.skip(), problem(), *names, *hidden, *choices(self._context)]
        except SegueError as error:
            return [gradio.skip(), problem(sentence(error)), *[gradio.skip()] * (EXAMPLES + len(NAMES))]

    def suggest(self, typed: Any) -> str:
        """Name the songs that the text typed so far may mean."""
        if not isinstance(typed, str):
            return ""
        try:
            found = self._engine.search().find(typed, SUGGESTIONS)
        except SegueError:
            # That has been said when the page was opened.
            return ""
        if found or len(typed.strip()) < LEAST_LETTERS:
            return as_buttons(found)
        return f'<p role="status">{NOTHING}{only_made_up(self._engine.catalog())}</p>'

    def add_first(self, typed: Any, picked: Any) -> Updates:
        """Name the first of the songs that the text may mean, to be picked, too."""
        try:
            found = self._engine.search().find(typed, 1) if isinstance(typed, str) else []
        except SegueError:
            found = []
        return self._added(typed, picked, [song.track_id for song in found])

    def add(self, typed: Any, picked: Any, event: gradio.EventData) -> Updates:
        """Name the songs that were chosen, to be picked, too."""
        chosen = sent(event, "track_ids")
        return self._added(typed, picked, chosen if isinstance(chosen, list) else [])

    def example(self, place: int) -> Callable[[], Any]:
        """Return the event that picks the songs of an example."""

        def pick_example() -> Any:
            return self._pick(self._engine.offers().examples[place][1])

        return pick_example

    def surprise(self) -> Any:
        """Pick a song by chance."""
        try:
            return self._pick([self._engine.offers().surprise()])
        except SegueError:
            return gradio.skip()

    def show(self, request: gradio.Request, picked: Any, brought: Any, *fields: Any) -> Updates:
        """Recommend what goes with the songs."""
        return self._shown(request, picked, brought_songs(brought), fields)

    def change(self, request: gradio.Request, picked: Any, brought: Any, *fields: Any) -> Updates:
        """Recommend anew, with other options: of its own, so that two kinds of events do not wait for each other."""
        return self._shown(request, picked, brought_songs(brought), fields)

    def bring(self, request: gradio.Request, files: Any) -> Updates:
        """Start from the songs in files, instead of those of files before; what goes with them is asked for then."""
        try:
            paths = [Path(file) for file in files or []]
            # Whoever has to wait has nothing left here meanwhile.
            with deleted_afterwards(paths), READING, self._context.work.turn(request):
                read = read_songs(paths)
                matched = match(read, self._engine.catalog(), self._engine.search().by_name)
        except SegueError as error:
            return [gradio.skip(), problem(sentence(error)), gradio.skip()]
        found = {str(track_id): float(liked) for track_id, liked in matched.preferences.items()}
        return [json.dumps(found) if found else "", file_note(read, matched), gradio.update(visible=bool(found))]

    def leave_out(self) -> Updates:
        """Go on without the file."""
        return ["", noted(""), gradio.update(visible=False)]

    def _added(self, typed: Any, picked: Any, track_ids: Sequence[Any]) -> Updates:
        """Return what becomes of the field for songs, and what the page itself adds to it then: see `app.start.page`.

        By then more may have been picked or typed: what was there when this was asked does not come back.
        """
        given = picked if isinstance(picked, list) else []
        try:
            search, catalog = self._engine.search(), self._engine.catalog()
            added, _ = picked_songs(search, catalog, list(track_ids))
            shown, _ = picked_songs(search, catalog, [*given, *(song.track_id for song in added)])
        except SegueError:
            added = []
        if not added:
            return [gradio.skip(), {}]
        named = gradio.update(choices=_choices(shown), visible=True)
        return [named, {"typed": typed, "songs": [song.track_id for song in added]}]

    def _pick(self, track_ids: Sequence[Any]) -> Any:
        songs, unknown = picked_songs(self._engine.search(), self._engine.catalog(), list(track_ids))
        value = [*(song.track_id for song in songs), *unknown]
        return gradio.update(value=value, choices=_choices(songs), visible=bool(value) or "hidden")

    def _shown(
        self, request: gradio.Request, given: Any, brought: Mapping[str, float], fields: Sequence[Any]
    ) -> Updates:
        """Return what becomes of the fields for songs, the problems, and the results."""
        try:
            songs, unknown = picked_songs(self._engine.search(), self._engine.catalog(), given)
        except SegueError as error:
            return [gradio.skip(), problem(sentence(error)), problem(), *_results(None, [])]
        ids = [song.track_id for song in songs]
        if given != [*ids, *unknown]:
            # Text has become a song: the field changes, and then this is asked for again.
            picked = gradio.update(value=[*ids, *unknown], choices=_choices(songs))
            return [picked, *[gradio.skip()] * (len(_results(None, [])) + 2)]
        problems = [f"No song is found for “{text}”: check the spelling, or take it out." for text in unknown]
        if not ids and not brought:
            return [gradio.skip(), problem(*problems), problem(), *_results(None, [])]
        try:
            wishes = read_options(self._context, fields)
            opened, seeds = self._engine.open(wishes.approach), {**brought, **dict.fromkeys(ids, 1.0)}
            found = find(self._context, request, opened, seeds, wishes)
        except FieldError as error:
            return [gradio.skip(), problem(*problems), problem(error.message), *_results(None, [])]
        except SegueError as error:
            return [gradio.skip(), problem(*problems, sentence(error)), problem(), *_results(None, [])]
        # Of two that were picked at the same moment only one is named yet.
        named = gradio.update(choices=_choices(songs))
        return [named, problem(*problems), problem(), *_results(found, ids)]


def _choices(songs: Sequence[Song]) -> list[tuple[str, str]]:
    """Return songs to choose from; those that would look the same are told apart by their albums."""
    alike = Counter(song.label for song in songs)
    return [
        (f"{song.label}, on {song.album}" if alike[song.label] > 1 and song.album else song.label, song.track_id)
        for song in songs
    ]


def _results(found: Found | None, picked: Sequence[str]) -> Updates:
    if found is None:
        return [gradio.update(visible=False), *[gradio.skip()] * 6]
    # What was made up is nowhere at Spotify.
    links = gradio.update(value=found.links, visible=bool(found.links))
    shown = [found.tracks, found.taste, found.atlas, found.downloads(picked), found.lines, links]
    return [gradio.update(visible=True), *shown]
