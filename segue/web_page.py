"""A small page of HTML, for what is said in a browser outside of Gradio."""

from __future__ import annotations

from html import escape

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
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 12vh auto; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
a { color: inherit; text-underline-offset: .15em; }
button, a.button { font: inherit; font-weight: 600; display: inline-block; padding: .5rem 1rem; border-radius: .5rem;
  border: 1px solid #0d7d74; background: #0d7d74; color: #fff; text-decoration: none; cursor: pointer; }
button.quiet { background: none; border-color: currentColor; color: inherit; }
form { display: inline-block; margin: .3rem .6rem .3rem 0; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.banner { border-left: .3rem solid #c77700; padding: .2rem .9rem; }
"""


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


def banner(text: str) -> str:
    """Return plain text as a paragraph that stands out."""
    return f'<p class="banner" role="status">{escape(text)}</p>'


def link(text: str, address: str) -> str:
    """Return a link in a paragraph of its own."""
    return f'<p><a href="{escape(address)}" rel="noopener noreferrer">{escape(text)}</a></p>'


def button(text: str, address: str, quiet: bool = False) -> str:
    """Return a form of one button, which posts to `address`."""
    style = ' class="quiet"' if quiet else ""
    return f'<form method="post" action="{escape(address)}"><button{style}>{escape(text)}</button></form>'
