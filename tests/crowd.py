"""More listeners than the sandbox has of its own, and what kills the process that calls for one of them."""

from __future__ import annotations

import json
import os
import signal
from typing import Literal

import pandas as pd
import psutil
from logging_in import log_in

from segue.groups import LISTENS, TRACKS
from segue.models.catalog import read_catalog
from segue.models.choice import fit_model
from segue.models.content import place_by_content
from segue.registry import FolderRegistry
from segue.sandbox.calls import Call
from segue.sandbox.exchange import Exchange
from segue.sandbox.people import PEOPLE, Person
from segue.sandbox.rules import Rule
from segue.sandbox.server import Sandbox
from segue.settings import load_settings
from segue.spotify.listeners import update_listener
from segue.spotify.retention import TIME_TO_LIVE
from segue.store import FeatureStore

LENGTH = 10
"""Tracks on each of their playlists."""

PLAYED = 20


def train(store: FeatureStore) -> None:
    """Put a model of the catalog into the registry."""
    recordings = read_catalog(store, TRACKS.columns.keys() - {"track_id", "recording_id"}).recordings
    model = fit_model("hybrid", place_by_content(recordings), [])
    FolderRegistry(load_settings().models_dir).save("hybrid", model.save, {}, {})


def gather(store: FeatureStore, sandbox: Sandbox, catalog: pd.DataFrame, size: int) -> list[str]:
    """Connect `size` people, who play twenty songs each, and return their ids."""
    now = pd.Timestamp.now("UTC")
    genres = catalog["genres"].unique()
    for number in range(size):
        taste = PEOPLE[number % len(PEOPLE)].taste
        person = Person(f"p{number:02}", f"Person {number}", "One of many.", taste)
        sandbox.service.people[person.user_id] = person
        listener_id = log_in(store, sandbox.settings, person.user_id)
        update_listener(store, listener_id, settings=json.dumps({"length": LENGTH}))
        theirs = catalog[catalog["genres"] == genres[number % len(genres)]].iloc[number : number + PLAYED]
        listens = theirs[["track_id", "title", "artists"]].assign(
            listener_id=listener_id, source="medium_term", rank=range(1, len(theirs) + 1), matched_by="id"
        )
        times = {"fetched_at": now, "expires_at": now + TIME_TO_LIVE}
        store.upsert(LISTENS, listens.assign(matched_track_id=theirs["track_id"], **times))
    return [f"sandbox-p{number:02}" for number in range(size)]


class KillsCaller(Rule):
    """The process that makes the call is killed (SIGKILL) when Spotify has done what it asked for.

    Attributes
    ----------
    whose : str or None
        Only calls for this listener, a user's id.
    """

    fault: Literal["kills-caller"] = "kills-caller"
    whose: str | None = None

    def fits(self, call: Call) -> bool:
        """Return whether this is one of the calls."""
        return super().fits(call) and self.whose in {None, call.user_id}

    async def __call__(self, exchange: Exchange) -> None:
        """Find out who is at the other end."""
        await exchange.take_effect()
        _, port = exchange.scope["client"]
        connections = [each for each in psutil.net_connections("tcp4") if each.laddr.port == port]
        (pid,) = {each.pid for each in connections} - {None, os.getpid()}
        os.kill(pid, signal.SIGKILL)
        await exchange.drop()


class Interrupts(Rule):
    """Somebody presses Ctrl-C in the terminal of a group of processes (`group`) while a call is being answered."""

    fault: Literal["interrupts"] = "interrupts"
    group: int

    async def __call__(self, exchange: Exchange) -> None:
        """Interrupt them, and answer."""
        answer = await exchange.take_effect()
        os.killpg(self.group, signal.SIGINT)
        await exchange.deliver(answer)
