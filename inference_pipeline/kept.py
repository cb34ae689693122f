"""What is remembered of each playlist that Segue keeps in a listener's account."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, TypeAdapter

from segue.errors import InputError
from segue.groups import LISTENERS
from segue.settings import Settings
from segue.spotify.listeners import connected_listeners, find_listener, name_of
from segue.store import FeatureStore


class Kept(BaseModel):
    """A playlist that is kept, or is being made.

    Attributes
    ----------
    id : str or None
        Spotify's; None while the playlist is being made.
    marker : str or None
        Stands in its description from before it is made until it is described anew.
    snapshot_id : str or None
        Spotify's name for what our last write left on it; None where that is not known.
    removed_at : datetime or None
        When it was found that the listener had removed it; None unless they did.
    brought_back : bool
        Whether it was removed and they want it again.
    has_cover : bool
    widened : tuple of str
        The filters that had to be relaxed to fill it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = None
    marker: str | None = None
    snapshot_id: str | None = None
    removed_at: datetime | None = None
    brought_back: bool = False
    has_cover: bool = False
    widened: tuple[str, ...] = ()

    @property
    def uri(self) -> str:
        """How it is named in a library."""
        return f"spotify:playlist:{self.id}"


_BY_NAME = TypeAdapter(dict[str, Kept])


def read_kept(store: FeatureStore, listener_id: str) -> dict[str, Kept]:
    """Return what is remembered of each of a listener's playlists, by Segue's name of it."""
    stored = _stored(store, listener_id)
    return {} if stored is None else parse_kept(stored)


def parse_kept(stored: str) -> dict[str, Kept]:
    """Return what the column `playlists` of a listener's row says of each playlist, by Segue's name of it."""
    return _BY_NAME.validate_json(stored)


def write_kept(store: FeatureStore, listener_id: str, name: str, kept: Kept) -> None:
    """Remember `kept` of one playlist; of the others everything stays."""
    while (before := _stored(store, listener_id)) is not None:
        everything = parse_kept(before) | {name: kept}
        after = _BY_NAME.dump_json(everything, exclude_defaults=True).decode()
        # Only in place of what was read: a run and the app may each change something at once.
        store.update(LISTENERS, {"listener_id": listener_id, "playlists": before}, {"playlists": after})
        if read_kept(store, listener_id).get(name) == kept:
            return


def removed_playlists(store: FeatureStore, listener_id: str) -> list[str]:
    """Return Segue's names of the playlists that a listener has removed from their library."""
    return [name for name, kept in read_kept(store, listener_id).items() if kept.removed_at is not None]


def bring_back(store: FeatureStore, listener_id: str, name: str) -> None:
    """Let the next run put a playlist that the listener has removed into their library again, and keep it fresh.

    Raises
    ------
    InputError
        If they have not removed it.
    """
    kept = read_kept(store, listener_id).get(name)
    if kept is None or kept.removed_at is None:
        raise InputError(f"the playlist {name!r} has not been removed: there is nothing to bring back")
    write_kept(store, listener_id, name, kept.model_copy(update={"removed_at": None, "brought_back": True}))


def bring_back_for(store: FeatureStore, settings: Settings, name: str, asked: str | None) -> None:
    """Bring back a playlist for the listener who is called that, or for the only one who has removed it.

    Raises
    ------
    InputError
        If nobody has, or several have and none is named.
    """
    bring_back(store, _who_removed(store, settings, name, asked), name)


def _stored(store: FeatureStore, listener_id: str) -> str | None:
    found = store.read(LISTENERS, ["playlists"], {"listener_id": listener_id})["playlists"]
    return None if found.empty else str(found.iloc[0])


def _who_removed(store: FeatureStore, settings: Settings, name: str, asked: str | None) -> str:
    if asked is not None:
        return str(find_listener(store, asked)["listener_id"])
    connected = connected_listeners(store, settings)
    removed = [name in removed_playlists(store, listener_id) for listener_id in connected["listener_id"]]
    who = connected[removed]
    if len(who) != 1:
        names = ", ".join(name_of(listener) for _, listener in who.iterrows())
        whose = f"name one of {names} with --listener" if names else "there is nothing to bring back"
        raise InputError(f"the playlist {name!r} has been removed by {len(who) or 'nobody'}: {whose}")
    return str(who["listener_id"].iloc[0])
