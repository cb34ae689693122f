"""A small page of HTML, for what is said in a browser outside of Gradio."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Literal

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    # The address of such a page may hold an authorization code: it is neither kept nor passed on.
    "Cache-Control": "no-store",
    # Not "no-referrer": with it browsers hide the origin of the page's own forms, too ("Origin: null").
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What every such page is sent with."""

STYLE = """
:root { color-scheme: light dark; --paper: light-dark(#fbf9f6, #171416); --raised: light-dark(#ffffff, #211c1f);
  --ink: light-dark(#211c1f, #f0eaed); --quiet: light-dark(#635a5f, #b8adb3); --line: light-dark(#e4ddd6, #3a3236);
  --accent: light-dark(#8b2a5b, #f2abcc); --wash: light-dark(#f7e9f0, #3b2230); --warn: light-dark(#8a5300, #f0bd66); }
body { margin: 10vh auto; max-width: 40rem; padding: 0 1.2rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { font: 600 clamp(1.6rem, 1.3rem + 1.4vw, 2.1rem)/1.2 "Iowan Old Style", "Palatino Linotype", Palatino,
  "URW Palladio L", P052, Georgia, serif; letter-spacing: -.015em; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.banner { border-left: .25rem solid var(--warn); background: var(--wash); padding: .7rem 1rem;
  border-radius: 0 .5rem .5rem 0; }
.choices { list-style: none; margin: 1.5rem 0; padding: 0; }
.choices a { display: block; margin: .5rem 0; padding: .7rem 1rem; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--raised); color: var(--ink); text-decoration: none; }
.choices a:hover { border-color: var(--accent); background: var(--wash); }
.choices b { display: block; color: var(--accent); }
.choices span { color: var(--quiet); }
"""
"""The colors and fonts are those of the app's pages (app/layout/look/segue.css)."""


def web_page(title: str, *parts: str) -> str:
    """Return a page.

    Parameters
    ----------
    title : str
        Plain text.
    *parts : str
        What follows the heading, as `paragraph`, `link` or `button` made it.
    """
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Segue</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>"
    )


def paragraph(text: str) -> str:
    """Return plain text as a paragraph."""
    return f"<p>{escape(text)}</p>"


def choices(links: Iterable[tuple[str, str, str]]) -> str:
    """Return a list of links to choose between: the address of each, its name, and a line about it."""
    entries = (
        f'<li><a href="{escape(address)}"><b>{escape(name)}</b> <span>{escape(about)}</span></a></li>'
        for address, name, about in links
    )
    return f'<ul class="choices">{"".join(entries)}</ul>'


def banner(text: str) -> str:
    """Return plain text as a paragraph that stands out."""
    return f'<p class="banner" role="status">{escape(text)}</p>'


def link(text: str, address: str) -> str:
    """Return a link in a paragraph of its own."""
    return f'<p><a href="{escape(address)}" rel="noopener noreferrer">{escape(text)}</a></p>'


def button(text: str, address: str, kind: Literal["usual", "quiet", "grave"] = "usual") -> str:
    """Return a form of one button, which posts to `address`."""
    return f'<form method="post" action="{escape(address)}"><button class="{kind}">{escape(text)}</button></form>'
