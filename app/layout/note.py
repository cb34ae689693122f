"""Short notes beside a field."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio

STYLE = """
color: var(--ink); line-height: 1.5;
p { margin: .2rem 0; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--accent); text-underline-offset: .2em; }
.problem { padding: .5rem .9rem; border-left: .25rem solid var(--bad); background: var(--wash); }
"""


def note() -> gradio.HTML:
    """Return a place for a note; it takes none until there is one."""
    return gradio.HTML(css_template=STYLE, apply_default_css=False, visible=False)


def noted(markup: str) -> Any:
    """Return what a place becomes that is to hold a note; without one it goes."""
    return gradio.update(value=markup, visible=bool(markup))


def problem(*messages: str) -> Any:
    """Return what a place becomes that is to say what is wrong, which is read out at once; without that it goes."""
    return noted("".join(f'<p class="problem" role="alert">{escape(message)}</p>' for message in messages))
