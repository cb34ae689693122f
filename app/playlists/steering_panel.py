"""The part of a page where a listener says what they want on their playlists."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import gradio

from app.choices import approaches_of, decades_in, genres_in
from app.pictures.moods import moods_picture
from app.playlists.refreshing import REFRESH
from app.playlists.steering import change_wishes, wishes_or_defaults
from app.playlists.steering_fields import steering_fields
from app.playlists.steering_form import FieldError, names_after, wishes_from
from segue.errors import SegueError
from segue.groups import LISTENS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.context import Context
    from inference_pipeline.wishes import Wishes
    from segue.models.catalog import Catalog

SAVED = f'Saved. It holds from the next refresh on: tonight, or when you press <a href="{REFRESH}">Refresh now</a>.'
NOT_SAVED = "Nothing was saved: see the field marked above."
MUST_LOG_IN = "You are not logged in any more: nothing was saved."


class SteeringPanel:
    """A closed part of the page with a field for each of `Wishes`; it is filled when it is first opened.

    Attributes
    ----------
    part : Accordion
        Hidden until it is made visible.
    blocked : list of Component
        What the field of blocked artists was filled with (nothing before that), and the field; "never this artist"
        changes them, too.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        with (
            gradio.Accordion("What should be on your playlists", open=False, visible=False) as self.part,
            # Not before it is filled: what stands in the fields until then is nobody's wish.
            gradio.Column(visible=False) as form,
        ):
            fields = steering_fields()
            self.inputs, self.errors = fields.inputs, fields.errors
            save = gradio.Button("Save", variant="primary", size="md", scale=0, min_width=120)
            said = gradio.HTML(html_template='<p role="status">${value}</p>', apply_default_css=False)
        filled_with = gradio.JSON(visible=False)
        self.blocked = [filled_with, self.inputs["blocked_artists"]]
        inputs, mood = list(self.inputs.values()), self.inputs["mood"]
        decades, approach = self.inputs["decades"], self.inputs["approach"]
        choices = [decades, self.inputs["only_genres"], self.inputs["no_genres"], approach]
        # What is wrong with a field is said beside it: Gradio would only fail.
        quietly: dict[str, Any] = {"queue": False, "show_progress": "hidden", "preprocess": False}
        filled = self.part.expand(self.fill_wishes, filled_with, [filled_with, *inputs, form], **quietly)
        filled.then(self.offer_choices, [decades, approach], choices, **quietly).then(
            self.picture_moods, mood, fields.moods, **quietly
        )
        mood.input(self.picture_chosen_mood, mood, fields.moods, **quietly)
        save.click(self.save_wishes, [filled_with, *inputs], [*self.errors.values(), said, *self.blocked], **quietly)

    def fill_wishes(self, filled_with: Any, request: gradio.Request) -> list[Any]:
        """Return what stands in the fields of whoever opens the panel, who may save it then.

        Once filled, they stay as they are when it is closed and opened again: something may not be saved yet.
        """
        listener_id = self.context.listener_of(request)
        if listener_id is None or filled_with is not None:
            return [gradio.skip() for _ in ["filled_with", *self.inputs, "form"]]
        wishes = wishes_or_defaults(self.context.store, listener_id)
        fields = {name: _in_field(getattr(wishes, name)) for name in self.inputs}
        return [fields["blocked_artists"], *fields.values(), gradio.Column(visible=True)]

    def fill_blocked(self, filled_with: Any, field: Any, kept: frozenset[str]) -> list[Any]:
        """Return what becomes of `blocked` when other artists are kept: what is not saved yet stays in the field."""
        if filled_with is None:
            return [gradio.skip(), gradio.skip()]
        try:
            return [sorted(kept), sorted(names_after(filled_with, field, kept))]
        except FieldError:
            # It is said when they save it.
            return [gradio.skip(), gradio.skip()]

    def offer_choices(self, decades: Any, approach: Any) -> list[Any]:
        """Return what there is to choose from, beside what stands in the fields."""
        try:
            return offered(self.context.engine.catalog(), approaches_of(self.context.settings), decades, approach)
        except SegueError:
            return [gradio.skip() for _ in range(4)]

    def picture_moods(self, mood: Any, request: gradio.Request) -> str:
        """Return the moods with the songs that the listener plays; nothing where there is no model yet."""
        listener_id = self.context.listener_of(request)
        if listener_id is None:
            return ""
        heard = self.context.store.read(LISTENS, ["matched_track_id"], {"listener_id": listener_id})
        try:
            library = self.context.engine.open().library
        except SegueError:
            return ""
        return moods_picture(library, heard["matched_track_id"].dropna().unique(), str(mood or "") or None)

    def picture_chosen_mood(self, mood: Any, request: gradio.Request) -> str:
        """Return the moods, the one that was chosen emphasized."""
        return self.picture_moods(mood, request)

    def save_wishes(self, request: gradio.Request, filled_with: Any, *values: Any) -> list[Any]:
        """Keep what stands in the fields; or say beside one what is wrong with it, and keep nothing.

        Of the blocked artists what was changed is kept: others may have been blocked while the panel was open.
        """
        untouched = [gradio.skip(), gradio.skip()]
        listener_id = self.context.listener_of(request)
        if listener_id is None:
            return [*self._beside(), MUST_LOG_IN, *untouched]
        form = dict(zip(self.inputs, values, strict=True))
        try:
            wishes = wishes_from(form, self._genres(), approaches_of(self.context.settings).values())

            def change(kept: Wishes) -> Wishes:
                blocked = names_after(filled_with, wishes.blocked_artists, kept.blocked_artists)
                return wishes.model_copy(update={"blocked_artists": blocked})

            saved = change_wishes(self.context.store, self.context.settings, listener_id, change)
        except FieldError as error:
            return [*self._beside(error), NOT_SAVED, *untouched]
        blocked = sorted(saved.blocked_artists)
        return [*self._beside(), SAVED, blocked, blocked]

    def _beside(self, error: FieldError | None = None) -> list[str]:
        wrong = {} if error is None else {error.field: escape(error.message)}
        return [wrong.get(name, "") for name in self.errors]

    def _genres(self) -> list[str]:
        try:
            return genres_in(self.context.engine.catalog())
        except SegueError:
            return []


def offered(catalog: Catalog, approaches: Mapping[str, str], decades: Any, approach: Any) -> list[Any]:
    """Return what becomes of decades, genres in and out, and approach, where these decades and this one are chosen.

    A field is seen if there is anything to choose.
    """
    chosen = [year for year in decades if isinstance(year, int)] if isinstance(decades, list) else []
    years, genres = sorted({*decades_in(catalog), *chosen}), genres_in(catalog)
    return [
        gradio.update(choices=[(f"{year}s", year) for year in years], visible=bool(years)),
        gradio.update(choices=genres),
        gradio.update(choices=genres),
        gradio.update(choices=[*approaches.items()], visible=any(name != approach for name in approaches.values())),
    ]


def _in_field(value: Any) -> Any:
    if value is None:
        return ""
    return sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value
