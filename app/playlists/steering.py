"""What a listener wants on their playlists: read, changed and kept for every later refresh."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from inference_pipeline.wishes import Wishes, read_wishes
from segue.errors import InputError
from segue.groups import LISTENERS
from segue.locks import alone, listener_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.settings import Settings
    from segue.store import FeatureStore


def wishes_of(store: FeatureStore, listener_id: str) -> Wishes:
    """Return a listener's wishes; those of somebody who has said nothing are the defaults.

    Raises
    ------
    InputError
        If what is stored cannot be used.
    """
    stored = store.read(LISTENERS, ["settings"], {"listener_id": listener_id})["settings"].dropna()
    return read_wishes(None if stored.empty else str(stored.iloc[0]))


def wishes_or_defaults(store: FeatureStore, listener_id: str) -> Wishes:
    """Return a listener's wishes, or the defaults where what is stored cannot be used."""
    with suppress(InputError):
        return wishes_of(store, listener_id)
    return Wishes()


def change_wishes(
    store: FeatureStore, settings: Settings, listener_id: str, change: Callable[[Wishes], Wishes]
) -> Wishes:
    """Keep what `change` makes of a listener's wishes, and return it; of a listener who has left nothing is kept.

    Two changes at once, from two browsers of theirs, take turns: neither is lost. What is stored and cannot be used
    counts as the defaults.
    """
    with alone(settings, listener_lock("wishes", listener_id)):
        wishes = change(wishes_or_defaults(store, listener_id))
        kept = wishes.model_dump_json(exclude_defaults=True)
        store.update(LISTENERS, {"listener_id": listener_id}, {"settings": kept})
    return wishes
