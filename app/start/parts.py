"""What is on the first page, and where."""

from __future__ import annotations

from dataclasses import dataclass

import gradio

from app.layout.note import STYLE as NOTE_STYLE
from app.layout.note import note
from app.layout.suggestions import PICK
from app.layout.suggestions import STYLE as SUGGESTIONS_STYLE
from app.layout.track_list import track_list
from app.start.offers import EXAMPLES
from app.start.options import Options, options
from app.start.picks import MOST_PICKED

LONGEST = 200
INTRODUCTION = """# Find music that goes with yours

Name a few songs that you like. Segue finds what goes with them, and says why.
"""
WHICH_FILES = (
    "<details><summary>Which files can I bring?</summary>"
    "<p>The streaming history that Spotify sends you (the .zip, or the .json files in it), a playlist exported as CSV, "
    "or a list with a link or “title - artist” in each line. A file is read at once, and deleted at once.</p></details>"
)
DOWNLOADS_STYLE = """
display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; line-height: 1.5;
p, ul { margin: 0; }
ul { display: flex; flex-wrap: wrap; gap: .3rem .8rem; list-style: none; padding: 0; }
a, button { color: var(--accent); font: inherit; text-decoration: underline; text-underline-offset: .2em;
  padding: .2rem 0; background: none; border: 0; cursor: pointer; }
"""
COPY = """
element.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-link], button[data-copy]");
  if (!button) return;
  const {link, copy} = button.dataset;
  const text = link ? new URL(link, window.location.href).href : document.querySelector(`#${copy} textarea`).value;
  await navigator.clipboard.writeText(text);
  button.textContent = "Copied";
});
"""


@dataclass(frozen=True)
class Parts:
    """The components of the page."""

    search: gradio.Textbox
    meant: gradio.HTML
    picked: gradio.Dropdown
    added: gradio.JSON
    upload: gradio.UploadButton
    surprise: gradio.Button
    examples: list[gradio.Button]
    brought: gradio.Textbox
    file_note: gradio.HTML
    forget: gradio.Button
    problem: gradio.HTML
    options: Options
    results: gradio.Column
    tracks: gradio.HTML
    downloads: gradio.HTML
    lines: gradio.Textbox
    links: gradio.Textbox
    taste: gradio.HTML
    atlas: gradio.HTML


def lay_out() -> Parts:
    """Return the components, each in its place."""
    gradio.Markdown(INTRODUCTION)
    search = gradio.Textbox(
        label="Add a song you like",
        info="Type a title or an artist, or paste a link to a song at Spotify.",
        max_lines=1,
        max_length=LONGEST,
        elem_id="search",
    )
    meant = gradio.HTML(css_template=SUGGESTIONS_STYLE, js_on_load=PICK, apply_default_css=False)
    problem = note()
    picked = gradio.Dropdown(
        [],
        value=[],
        multiselect=True,
        allow_custom_value=True,
        max_choices=MOST_PICKED,
        label="Your songs",
        interactive=True,
        visible="hidden",
        elem_id="picked",
    )
    added = gradio.JSON(visible=False)
    with gradio.Row(elem_id="starts"):
        examples = [gradio.Button(visible=False, size="sm", min_width=120) for _ in range(EXAMPLES)]
        surprise = gradio.Button("Surprise me", size="sm", min_width=120)
        upload = gradio.UploadButton("Bring a file", file_count="multiple", type="filepath", size="sm", min_width=120)
    gradio.HTML(WHICH_FILES, css_template=NOTE_STYLE, apply_default_css=False)
    with gradio.Row():
        file_note = note()
        forget = gradio.Button("Leave out the file", size="sm", min_width=160, scale=0, visible=False)
    # Its songs as JSON: text that is hidden still tells when it has changed, and costs the page nothing.
    brought = gradio.Textbox(visible="hidden")
    fields = options()
    with gradio.Column(visible=False, elem_id="results") as results, gradio.Tabs():
        with gradio.Tab("Songs"):
            tracks = track_list()
        with gradio.Tab("Taste"):
            taste = gradio.HTML(apply_default_css=False)
        with gradio.Tab("Map"):
            atlas = gradio.HTML(apply_default_css=False)
        with gradio.Tab("Take along"):
            downloads = gradio.HTML(css_template=DOWNLOADS_STYLE, js_on_load=COPY, apply_default_css=False)
            lines = gradio.Textbox(label="Titles", lines=5, max_lines=10, interactive=False, elem_id="titles")
            links = gradio.Textbox(label="Links", lines=5, max_lines=10, interactive=False, elem_id="links")
    places = (search, meant, picked, added, upload, surprise, examples, brought, file_note, forget, problem, fields)
    return Parts(*places, results, tracks, downloads, lines, links, taste, atlas)
