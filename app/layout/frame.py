"""What is above and below every page: the way to the other pages, and what must be said on each."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from segue import __version__

LOOK = "/look"
"""Where the stylesheet is served."""

HEAD = (
    f'<link rel="stylesheet" href="{LOOK}/segue.css?v={__version__}">'
    f'<link rel="icon" type="image/svg+xml" href="{LOOK}/favicon.svg?v={__version__}">'
)

PAGES = {
    "/": "Find music",
    "/playlists": "Your playlists",
    "/songs": "Song to songs",
    "/status": "Status",
}

# Two notes and the slur that leads from one to the other.
MARK = (
    '<svg viewBox="0 0 42 30" aria-hidden="true" fill="currentColor"><path d="M7 18C12 3 30 3 35 18" fill="none" '
    'stroke="currentColor" stroke-width="3" stroke-linecap="round"/><circle cx="7" cy="24" r="4.5"/>'
    '<circle cx="35" cy="24" r="4.5"/></svg>'
)

ATTRIBUTION = (
    "What Spotify has is heard there: titles lead to it. Segue is not made by Spotify, nor endorsed by it. "
    "Spotify is a registered trademark of Spotify AB."
)
FOOTER = {"/privacy": "Privacy", "/terms": "Terms", "/api/v1/docs": "API for programs"}


@dataclass(frozen=True)
class Visit:
    """What a page's frame depends on.

    Attributes
    ----------
    path : str
        The page's address.
    logged_in : bool
        Whether the visitor is.
    in_full : str
        Where the app can be opened on its own; empty where it is. Inside another page's frame nobody can log in:
        browsers keep its cookies from it.
    """

    path: str
    logged_in: bool = False
    in_full: str = ""


def above(visit: Visit) -> str:
    """Return the HTML above a page's content, which has the id ``content``."""
    links = "".join(f"<li>{_page_link(visit, path, name)}</li>" for path, name in PAGES.items())
    return (
        # With the path: the pages of Gradio have a base address of their own.
        f'<a class="skip" href="{escape(visit.path)}#content">Skip to the content</a>'
        f'<header class="masthead"><div><a class="wordmark" href="/">{MARK}Segue</a>'
        f'<nav aria-label="Pages"><ul>{links}</ul></nav>{_account_link(visit)}</div></header>'
    )


def below(source: str = "") -> str:
    """Return the HTML below a page's content; `source`: where the program's source is."""
    links = {**FOOTER, **({source: "Source"} if source else {})}
    listed = "".join(f'<li><a href="{escape(path)}">{name}</a></li>' for path, name in links.items())
    return f'<footer class="colophon"><div><p>{ATTRIBUTION}</p><ul>{listed}</ul></div></footer>'


def _page_link(visit: Visit, path: str, name: str) -> str:
    current = ' aria-current="page"' if path == visit.path else ""
    return f'<a class="tab" href="{path}"{current}>{name}</a>'


def _account_link(visit: Visit) -> str:
    if visit.in_full:
        away = f'href="{escape(visit.in_full)}" target="_blank" rel="noopener"'
        return f'<a class="tab" {away}>Open in full<span aria-hidden="true"> ↗</span></a>'
    return _page_link(visit, "/account", "Account" if visit.logged_in else "Log in")
