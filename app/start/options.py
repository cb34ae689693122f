"""What a visitor may ask of the recommendations, beside the songs they start from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio

from app.choices import approaches_of
from app.layout.note import note
from app.playlists.steering_fields import POPULARITY
from app.playlists.steering_form import wishes_from
from inference_pipeline.moods import MOODS
from inference_pipeline.wishes import APPROACHES, Wishes

if TYPE_CHECKING:
    from app.context import Context

ANY = "any"
FAMILIARITY = {
    "As it comes": ANY,
    "Mostly the same artists": "mostly familiar",
    "Half and half": "half and half",
    "Mostly new artists": "mostly new",
}
# Gradio refuses what is not among the choices from the start; those of the catalog are known only later.
DECADES = [(f"{decade}s", decade) for decade in range(1900, 2100, 10)]
NAMES = (
    "familiarity",
    "popularity",
    "mood",
    "decades",
    "only_genres",
    "no_genres",
    "explicit",
    "length",
    "approach",
)


@dataclass(frozen=True)
class Options:
    """The fields, in the order of `NAMES`.

    Attributes
    ----------
    fields : list of component
    problem : HTML
        Says what is wrong with one of them.
    """

    fields: list[Any]
    problem: gradio.HTML

    def on_change(self, show: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Call `show` whenever a visitor has changed a field."""
        slider = self.fields[NAMES.index("length")]
        # Text that is none of the choices is no input to Gradio, but a change.
        free = [field for field in self.fields if isinstance(field, gradio.Dropdown)]
        events = [slider.release, *(field.change for field in free)]
        events += [field.input for field in self.fields if field is not slider and field not in free]
        # What is wrong with a field is said beside it: Gradio would only fail.
        quietly = {"queue": False, "show_progress": "hidden", "preprocess": False}
        gradio.on(events, show, list(inputs), list(outputs), trigger_mode="always_last", **quietly)


def options() -> Options:
    """Lay out the fields."""
    with gradio.Accordion("More to choose", open=False, elem_id="options"):
        with gradio.Row():
            familiarity = gradio.Radio([*FAMILIARITY.items()], value=ANY, label="Artists")
            popularity = gradio.Radio([*POPULARITY.items()], value=ANY, label="How well known")
        mood = gradio.Radio([("Any", ""), *((name.capitalize(), name) for name in MOODS)], value="", label="Mood")
        decades = gradio.CheckboxGroup(DECADES, label="Decades", info="None is all.", interactive=True)
        with gradio.Row():
            only_genres = _genres("Only these genres")
            no_genres = _genres("None of these genres")
        with gradio.Row():
            length = gradio.Slider(10, 100, value=50, step=5, label="How many tracks", interactive=True)
            approach = gradio.Radio([*APPROACHES.items()], value="hybrid", label="Compare songs by", interactive=True)
        explicit = gradio.Checkbox(value=True, label="Explicit lyrics are fine")
        problem = note()
    fields = [familiarity, popularity, mood, decades, only_genres, no_genres, explicit, length, approach]
    return Options(fields, problem)


def _genres(label: str) -> gradio.Dropdown:
    return gradio.Dropdown([], multiselect=True, value=[], allow_custom_value=True, label=label, interactive=True)


def read_options(context: Context, values: Sequence[Any]) -> Wishes:
    """Return the wishes that stand in the fields.

    Raises
    ------
    FieldError
        About the first field that cannot be used.
    """
    form = {**dict(zip(NAMES, values, strict=True)), "playlists": Wishes().playlists}
    return wishes_from(form, context.engine.offers().genres, approaches_of(context.settings).values())


def choices(context: Context) -> list[Any]:
    """Return what each field becomes once the catalog is known."""
    offers, approaches = context.engine.offers(), approaches_of(context.settings)
    changes: dict[str, dict[str, Any]] = {
        "decades": {
            "choices": [each for each in DECADES if each[1] in offers.decades],
            "visible": bool(offers.decades),
        },
        "only_genres": {"choices": offers.genres},
        "no_genres": {"choices": offers.genres},
        "approach": {
            "choices": [*approaches.items()],
            "visible": len(approaches) > 1,
        },
    }
    return [gradio.update(**changes[name]) if name in changes else gradio.skip() for name in NAMES]
