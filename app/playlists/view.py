"""One look at a listener's playlists: which there are, and the one that is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.layout.track_list import markup
from app.playlists.kept_playlists import kept_playlists, with_opinions
from app.playlists.steering import wishes_or_defaults
from app.playlists.tabs import tabs

if TYPE_CHECKING:
    from segue.store import FeatureStore

NOTHING_YET = '<p class="quiet">No playlist has been made yet: the next night makes them.</p>'


class View(NamedTuple):
    """What a page shows, in its own order: HTML but for `opened`.

    Attributes
    ----------
    tabs : str
    opened : str
        Name of the playlist that is looked at; empty where there is none.
    tracks : str
    """

    tabs: str
    opened: str
    tracks: str


def view_of(store: FeatureStore, listener_id: str, asked: object = "", *, own: bool) -> View:
    """Return a look at a listener's playlists.

    Parameters
    ----------
    store : FeatureStore
    listener_id : str
    asked : object
        Name of the playlist to open; whatever else it is, the first one is opened.
    own : bool
        Whether the listener themselves looks: they see what they said, and can say more.
    """
    playlists = kept_playlists(store, listener_id)
    if not playlists:
        return View("", "", NOTHING_YET)
    opened = asked if isinstance(asked, str) and asked in playlists else next(iter(playlists))
    shown = playlists[opened]
    if own:
        shown = with_opinions(store, listener_id, wishes_or_defaults(store, listener_id).blocked_artists, shown)
    return View(tabs(playlists, opened), opened, markup(shown, actions=own))
