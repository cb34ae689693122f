"""Pages of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.datastructures import URL


@dataclass(frozen=True)
class Span:
    """Which part of a list is asked for."""

    limit: int
    offset: int

    def cut(self, items: Sequence[Any]) -> list[Any]:
        """Return that part of `items`."""
        return list(items[self.offset : self.offset + self.limit])


def usual(limit: Annotated[int, Query(ge=1, le=50)] = 20, offset: Annotated[int, Query(ge=0)] = 0) -> Span:
    """Return the span that most calls accept."""
    return Span(limit, offset)


def short(limit: Annotated[int, Query(ge=1, le=10)] = 5, offset: Annotated[int, Query(ge=0, le=1000)] = 0) -> Span:
    """Return the span that a search accepts."""
    return Span(limit, offset)


UsualSpan = Annotated[Span, Depends(usual)]
ShortSpan = Annotated[Span, Depends(short)]


def page(address: URL, items: Sequence[Any], total: int, span: Span) -> dict[str, Any]:
    """Return the page of the list at `address` that holds `items`, with absolute links to those around it."""
    url = address.include_query_params(limit=span.limit, offset=span.offset)
    following, before = span.offset + span.limit, max(span.offset - span.limit, 0)
    return {
        "href": str(url),
        "items": items,
        "limit": span.limit,
        "offset": span.offset,
        "total": total,
        "next": str(url.include_query_params(offset=following)) if following < total else None,
        "previous": str(url.include_query_params(offset=before)) if span.offset else None,
    }
