"""The fields of the steering panel: one for each of `inference_pipeline.wishes.Wishes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio

from inference_pipeline.moods import MOODS
from inference_pipeline.playlist_kinds import KINDS
from inference_pipeline.wishes import APPROACHES, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable


DEFAULTS = Wishes()
FAMILIARITY = {
    "As it comes": "any",
    "Mostly artists I play": "mostly familiar",
    "Half and half": "half and half",
    "Mostly new to me": "mostly new",
}
POPULARITY = {"Anything": "any", "Hidden gems": "hidden gems", "Well known": "well known", "Hits only": "hits"}
ERROR = '<p class="error" role="alert">${value}</p>'
ERROR_CSS = ".error { margin: .2rem 0 0; color: var(--bad); font-weight: 600; } .error:empty { display: none; }"


@dataclass(frozen=True)
class SteeringFields:
    """What the panel consists of.

    Attributes
    ----------
    inputs : dict of str to Component
        A field for each wish, by its name.
    errors : dict of str to HTML
        What is wrong with each: text beside it.
    moods : HTML
        The picture beside the choice of a mood.
    """

    inputs: dict[str, Any]
    errors: dict[str, gradio.HTML]
    moods: gradio.HTML


def steering_fields() -> SteeringFields:
    """Put the fields on the page, those of a row side by side where there is room."""
    inputs: dict[str, Any] = {}
    errors: dict[str, gradio.HTML] = {}
    for row in ROWS:
        with gradio.Row():
            for name, make in row.items():
                with gradio.Column(min_width=280):
                    inputs[name] = make()
                    errors[name] = gradio.HTML(html_template=ERROR, css_template=ERROR_CSS, apply_default_css=False)
            if "mood" in row:
                with gradio.Column(min_width=280):
                    moods = gradio.HTML()
    return SteeringFields(inputs, errors, moods)


def _names(label: str, info: str) -> gradio.Dropdown:
    # Any text is taken here and checked when it is saved, so that a field can say what is wrong with it.
    return gradio.Dropdown(
        [], value=[], multiselect=True, allow_custom_value=True, label=label, info=info, interactive=True
    )


def _choice(label: str, choices: dict[str, str], info: str) -> gradio.Radio:
    return gradio.Radio(list(choices.items()), value=next(iter(choices.values())), label=label, info=info)


ROWS: tuple[dict[str, Callable[[], Any]], ...] = (
    {
        "playlists": lambda: gradio.CheckboxGroup(
            [(f"{kind.title.removeprefix('Segue ')}: {kind.about}", kind.name) for kind in KINDS.values()],
            value=list(DEFAULTS.playlists),
            label="Playlists to keep",
        )
    },
    {
        "familiarity": lambda: _choice(
            "Familiar or new", FAMILIARITY, "On playlists of a mood; Familiar and Discover are the two ends of it."
        ),
        "popularity": lambda: _choice("Well known or obscure", POPULARITY, "By how many people listen to it."),
    },
    {
        "mood": lambda: _choice(
            "Mood",
            {"Any": "", **{name.title(): name for name in MOODS}},
            "Of Familiar and Discover; the others have one of their own.",
        )
    },
    {
        "only_genres": lambda: _names("Only these genres", "Type to search. With none, all may come."),
        "no_genres": lambda: _names("None of these genres", "Type to search."),
    },
    {"decades": lambda: gradio.CheckboxGroup([], label="Only from these decades", visible=False)},
    {
        # No slider: that would cut a number that is out of range, and not say so.
        "length": lambda: gradio.Number(DEFAULTS.length, label="Songs on each playlist", info="From 10 to 100."),
        "explicit": lambda: gradio.Checkbox(value=True, label="Explicit lyrics are welcome"),
    },
    {
        "blocked_artists": lambda: _names("Never these artists", "Take one out to let it come again, or type a name."),
    },
    {
        "approach": lambda: gradio.Radio(
            [*APPROACHES.items()],
            value=DEFAULTS.approach,
            label="What to go by",
            info="What makes two songs alike.",
            visible=False,
        ),
    },
)
"""The fields, from the top down; of which there may be nothing to choose, it is seen once that is known."""
