"""The part of a page that pictures a listener's taste."""

from __future__ import annotations

from datetime import datetime, timezone
from html import escape
from typing import TYPE_CHECKING, Any

import gradio

from app.pictures.map import map_picture
from app.pictures.moved import moved_picture
from app.pictures.taste import taste_picture
from app.wording import sentence
from inference_pipeline.preferences import preferences
from inference_pipeline.stored import stored_recommendations
from segue.errors import SegueError
from segue.groups import FEEDBACK, LISTENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.context import Context

    WhoIsShown = Callable[[object, gradio.Request], str | None]


class PicturesPanel:
    """A closed part of the page, drawn when it is opened.

    Parameters
    ----------
    context : Context
    who : callable
        Returns whose playlists a request may see, from what it says of the demo listener who was chosen.
    demo : Component
        Holds the demo listener.
    """

    def __init__(self, context: Context, who: WhoIsShown, demo: gradio.components.Component) -> None:
        self.context, self.who = context, who
        with gradio.Accordion("Taste, in pictures", open=False) as self.part:
            pictures = [gradio.HTML("<p>Drawing …</p>"), gradio.HTML(), gradio.HTML()]
        # Who is chosen is no choice that Gradio knows of.
        quietly = {"queue": False, "show_progress": "hidden", "preprocess": False}
        self.part.expand(self.draw_taste, demo, pictures, **quietly)

    def draw_taste(self, demo: str | None, request: gradio.Request) -> list[Any]:
        """Return the taste of whoever is shown, how it moved, and where it lies on the map."""
        listener_id = self.who(demo, request)
        if listener_id is None:
            return ["", "", ""]
        try:
            with self.context.work.turn(request):
                return self._drawn(listener_id)
        except SegueError as error:
            return [f"<p>{escape(sentence(error))}</p>", "", ""]

    def _drawn(self, listener_id: str) -> list[Any]:
        store, opened = self.context.store, self.context.engine.open()
        listens = store.read(LISTENS, where={"listener_id": listener_id})
        said = store.read(FEEDBACK, where={"listener_id": listener_id})
        liked = preferences(listens, said, opened.library.catalog, datetime.now(timezone.utc))
        weights = {str(track_id): liking for track_id, liking in liked.items()}
        chosen = stored_recommendations(store, listener_id)["track_id"].unique().tolist()
        return [
            taste_picture(opened.library, weights),
            moved_picture(opened.library, listens),
            map_picture(
                opened, [track_id for track_id in weights if weights[track_id] > 0], chosen, ("played", "recommended")
            ),
        ]
