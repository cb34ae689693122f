"""What a run of `segue playlists` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from inference_pipeline.chain import total
from inference_pipeline.counts import Counts
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
    _print_most("Candidates removed", "by", removed)
    if turns["earlier"]:
        note(f"served already since the run began: {len(turns['earlier']):,}")
    note_turns(turns)


def print_counts(counts: Counts, calls_left: int, ending: int, as_json: bool) -> None:
    """Print what came of a run in buckets: nothing that names anybody.

    Parameters
    ----------
    counts : Counts
    calls_left : int
        For all runs until midnight, UTC.
    ending : int
        Listeners whose consent ends soon.
    """
    model = ", ".join(sorted(counts.models))
    stopped = "; ".join(sorted(counts.stopped)) or None
    if as_json:
        rest = {"calls_left": calls_left, "token_requests": counts.token_requests, "stopped": stopped}
        by_name = {"statuses": dict(counts.statuses), "removed": dict(counts.removed)}
        print_json({"model": model, **counts.totals(), "earlier": counts.earlier, **rest, **by_name, "consent": ending})
        return
    rows = [(name, count) for name, count in counts.totals().items() if name != "calls"]
    print_table(f"Playlists ({model})", ("", "count"), rows, numeric=True)
    _print_most("What came of them", "status", counts.statuses)
    _print_most("Candidates removed", "by", counts.removed)
    if ending:
        note(f"listeners who must log in again within a month: {ending:,}")
    note_turns({"calls": counts.calls, "calls_left": calls_left, "deferred": (), "stopped": stopped})


def _print_most(title: str, heading: str, counts: Mapping[str, int]) -> None:
    rows = sorted(((name, count) for name, count in counts.items() if count), key=lambda item: -item[1])
    if rows:
        print_table(title, (heading, "count"), rows, numeric=True)


def _cells(one: Served, calls: int, first: bool) -> tuple[object, ...]:
    widened = f", widened by {', '.join(one.widened)}" if one.widened else ""
    artists = int(one.variety.get("artists", 0))
    who = (one.listener, calls) if first else ("", "")
    return *who, one.playlist, one.tracks, one.new, artists, one.status + widened
