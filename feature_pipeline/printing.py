"""The report of `segue features`, for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from segue.console import note, print_table


def print_features(report: dict[str, Any]) -> None:
    """Print what was taken, what was found in it, what was dropped, and what was written."""
    if report["files"]:
        print_table(
            "Files", ("file", "taken as"), [(Path(file).name, taken) for file, taken in report["files"].items()]
        )
    if report.get("tracks"):
        _print_tracks(report["tracks"])
    if report.get("playlists"):
        _print_playlists(report["playlists"])
    if report.get("written"):
        written = report["written"]
        note(
            f"The catalog holds {written['tracks']:,} tracks, {written['recordings']:,} recordings; "
            f"{written['playlists']:,} playlists have {written['playlist_tracks']:,} entries."
        )


def _print_tracks(merged: dict[str, Any]) -> None:
    columns = ("dataset", "files", "rows", "dropped", "ids", "titled", "new ids", "recordings")
    counted = ("rows", "ids", "titled", "new", "recordings")
    rows = []
    for one in merged["sources"]:
        read, ids, titled, new, recordings = (one[name] for name in counted)
        dropped = sum(one["dropped"].values())
        rows.append((one["name"], len(one["files"]), read, dropped, ids, titled, new, recordings))
    files, read, dropped = (sum(int(row[place]) for row in rows) for place in (1, 2, 3))
    ids, titled, recordings = merged["ids"], merged["titled"], merged["recordings"]
    rows.append(("together", files, read, dropped, ids, titled, ids, recordings))
    print_table("Tracks, the newest crawl first", columns, rows, numeric=True)
    if merged["nameless"]:
        note(f"{merged['nameless']:,} further ids stand in datasets without titles: those only enrich the others.")
    faults = [
        (one["name"], fault, count)
        for one in merged["sources"]
        for fault, count in (*one["dropped"].items(), *one["repaired"].items())
    ]
    if faults:
        print_table("Faults met, and what was done", ("dataset", "fault", "rows"), faults)


def _print_playlists(datasets: list[dict[str, Any]]) -> None:
    names = ("source", "playlists", "rows", "by_id", "by_title")
    reasons = sorted({reason for one in datasets for reason in one["dropped"]})
    rows = [
        (*(one[name] for name in names), *(one["dropped"].get(reason, 0) for reason in reasons)) for one in datasets
    ]
    columns = ("dataset", "playlists", "rows", "matched by id", "by title", *reasons)
    print_table("Playlists", columns, rows, numeric=True)
