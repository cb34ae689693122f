"""What a run of `segue playlists` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from inference_pipeline.chain import total
from inference_pipeline.served import Served
from segue.console import note, print_json, print_table
from segue.spotify.consent import ConsentWarning
from segue.spotify.turns import note_turns

HEADINGS = ("listener", "calls", "playlist", "tracks", "new", "artists", "status")


def print_served(
    served: Sequence[Served],
    model: str,
    turns: Mapping[str, Any],
    warnings: Sequence[ConsentWarning],
    as_json: bool,
) -> None:
    """Print what came of each playlist, what filters removed, what it took, and whose consent ends soon.

    `turns` is `Service.report`.
    """
    removed = total([one.removed for one in served])
    if as_json:
        failed = sum(one.failed for one in served)
        playlists, consent = [asdict(one) for one in served], [asdict(warning) for warning in warnings]
        result = {"model": model, "failed": failed, "removed": removed, "playlists": playlists, "consent": consent}
        print_json({**result, **turns})
        return
    # Who it is stands beside the first of their playlists: long names would make each row as high.
    firsts = [True, *(one.listener_id != before.listener_id for before, one in pairwise(served))]
    calls = [turns["calls_of"].get(one.listener_id, 0) for one in served]
    print_table(f"Playlists ({model})", HEADINGS, map(_cells, served, calls, firsts))
    for warning in warnings:
        note(warning.message)
    if removed:
        counts = sorted(removed.items(), key=lambda item: -item[1])
        print_table("Candidates removed", ("by", "count"), [item for item in counts if item[1]], numeric=True)
    note_turns(turns)


def totals(served: Sequence[Served], turns: Mapping[str, Any]) -> dict[str, int]:
    """Return what may be kept about a run: nothing about any one listener."""
    return {
        "listeners": len({one.listener_id for one in served}),
        "failed": sum(one.failed for one in served),
        "playlists": sum(bool(one.tracks) for one in served),
        "tracks": sum(one.tracks for one in served),
        "deferred": len(turns["deferred"]),
        "calls": turns["calls"],
    }


def _cells(one: Served, calls: int, first: bool) -> tuple[object, ...]:
    widened = f", widened by {', '.join(one.widened)}" if one.widened else ""
    artists = int(one.variety.get("artists", 0))
    who = (one.listener, calls) if first else ("", "")
    return *who, one.playlist, one.tracks, one.new, artists, one.status + widened
