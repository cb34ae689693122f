"""Pages of plain HTML, in the same frame as those that Gradio makes."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse, Response

from app.layout.frame import HEAD, above, below
from app.layout.visit import visit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request

    from app.context import Context

HEADERS = {
    # No scripts at all: nothing on these pages needs any.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'",
    # The address of such a page may hold an authorization code: it is neither kept nor passed on.
    "Cache-Control": "no-store",
}
NUMBER = ' class="number"'


def plain_page(context: Context, request: Request, title: str, *parts: str, status: int = 200) -> Response:
    """Return a page.

    Parameters
    ----------
    context : Context
    request : Request
        Who asks decides about the header.
    title : str
        Plain text.
    *parts : str
        What follows the heading: HTML, as the functions here and those of `segue.web_page` make it.
    status : int
    """
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Segue</title>{HEAD}</head>"
        f'<body>{above(visit_of(context, request))}<main class="plain" id="content" tabindex="-1">'
        f"<h1>{escape(title)}</h1>{''.join(parts)}</main>{below(context.settings.source_url)}</body></html>"
    )
    return HTMLResponse(page, status, HEADERS)


def heading(text: str) -> str:
    """Return the heading of a part of a page."""
    return f"<h2>{escape(text)}</h2>"


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[int] = ()) -> str:
    """Return a table of plain text; the columns at the places `numbers` are set flush right."""

    def line(row: Sequence[object], opening: str, closing: str) -> str:
        cells = (
            f"<{opening}{NUMBER if place in numbers else ''}>{escape(_text(value))}</{closing}>"
            for place, value in enumerate(row)
        )
        return f"<tr>{''.join(cells)}</tr>"

    head = line(columns, 'th scope="col"', "th")
    body = "".join(line(row, "td", "td") for row in rows)
    # On a phone a wide table moves by itself, and the page does not; with a keyboard, too.
    return (
        f'<div class="scrolled" role="region" tabindex="0" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
