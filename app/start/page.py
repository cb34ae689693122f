"""The first page, for whoever has no login: name some songs, or bring a file, and see what goes with them.

The server remembers nothing of it: what is picked is in the page, and comes along with every event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio

from app.start.events import StartEvents
from app.start.parts import lay_out

if TYPE_CHECKING:
    from app.context import Context
    from app.start.parts import Parts

# All that happens here takes less time than Gradio's queue.
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
# What is wrong with a field is said beside it: Gradio would only fail.
UNCHECKED = {**AT_ONCE, "preprocess": False}
# Meanwhile somebody may have typed on, or picked another song: only the page itself knows.
ADD = """(typed, picked, {typed: used, songs}) =>
  songs ? [typed === used ? "" : typed, [...new Set([...picked, ...songs])]] : [typed, picked]"""


def build(context: Context, page: gradio.Blocks) -> None:
    """Build the page."""
    parts = lay_out()
    events = StartEvents(context)
    sent, shown = [parts.picked, parts.brought, *parts.options.fields], _shown(parts)
    # Whatever has changed the text: once a song is picked, it is empty, and nothing is suggested any more.
    parts.search.change(events.suggest, parts.search, parts.meant, trigger_mode="always_last", **AT_ONCE)
    asked, found = [parts.search, parts.picked], [parts.picked, parts.added]
    for answered in (
        parts.search.submit(events.add_first, asked, found, **AT_ONCE),
        parts.meant.pick(events.add, asked, found, trigger_mode="multiple", **AT_ONCE),
    ):
        answered.success(None, [*asked, parts.added], asked, js=ADD, **AT_ONCE)
    # However the songs have changed: by hand, by an example, by the address, by a file. One after the other, so that
    # the answer that comes last is to what there was last.
    changed = [parts.picked.change, parts.brought.change]
    gradio.on(changed, events.show, sent, shown, trigger_mode="always_last", **UNCHECKED)
    parts.options.on_change(events.change, sent, shown)
    of_file = [parts.brought, parts.file_note, parts.forget]
    # This one waits for the file: it shows that it does.
    parts.upload.upload(events.bring, parts.upload, of_file, queue=False)
    parts.forget.click(events.leave_out, None, of_file, **AT_ONCE)
    parts.surprise.click(events.surprise, None, parts.picked, **AT_ONCE)
    for place, button in enumerate(parts.examples):
        button.click(events.example(place), None, parts.picked, **AT_ONCE)
    filled = [parts.picked, parts.problem, *parts.examples, *parts.options.fields]
    page.load(events.open_page, None, filled, **AT_ONCE)


def _shown(parts: Parts) -> list[Any]:
    """Return what changes with the songs, in the order of what `StartEvents.show` returns."""
    results = [parts.results, parts.tracks, parts.taste, parts.atlas, parts.downloads, parts.lines, parts.links]
    return [parts.picked, parts.problem, parts.options.problem, *results]
