"""What a run of `segue playlists` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise

from inference_pipeline.chain import total
from inference_pipeline.recommend import Served
from segue.console import note, print_json, print_table
from segue.spotify.consent import ConsentWarning

HEADINGS = ("listener", "playlist", "tracks", "new", "artists", "status")


def print_served(served: Sequence[Served], model: str, warnings: Sequence[ConsentWarning], as_json: bool) -> None:
    """Print what came of each playlist, how many candidates each filter removed, and whose consent ends soon."""
    removed = total([one.removed for one in served])
    if as_json:
        failed = sum(one.failed for one in served)
        playlists, consent = [asdict(one) for one in served], [asdict(warning) for warning in warnings]
        print_json({"model": model, "failed": failed, "removed": removed, "playlists": playlists, "consent": consent})
        return
    # Who it is stands beside the first of their playlists: long names would make each row as high.
    firsts = [True, *(one.listener_id != before.listener_id for before, one in pairwise(served))]
    print_table(f"Playlists ({model})", HEADINGS, map(_cells, served, firsts))
    for warning in warnings:
        note(warning.message)
    if removed:
        counts = sorted(removed.items(), key=lambda item: -item[1])
        print_table("Candidates removed", ("by", "count"), [item for item in counts if item[1]], numeric=True)


def _cells(one: Served, first: bool) -> tuple[object, ...]:
    widened = f", widened by {', '.join(one.widened)}" if one.widened else ""
    artists = int(one.variety.get("artists", 0))
    return one.listener if first else "", one.playlist, one.tracks, one.new, artists, one.status + widened
