"""Reading what Spotify answered: JSON of another form than promised is trouble at Spotify, and no error of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segue.errors import AmbiguousWriteError, UnavailableError


@dataclass(frozen=True)
class KeptPlaylist:
    """A playlist in a listener's library, made by them, by Segue or by anybody whom they follow.

    Attributes
    ----------
    id, name, description
        Spotify's; no description is an empty one.
    snapshot_id : str
        Names what the playlist holds: it is another one after every change.
    n_tracks : int
    """

    id: str
    name: str
    description: str
    snapshot_id: str
    n_tracks: int

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> KeptPlaylist:
        """Read a playlist object."""
        total = (body.get("items") or {}).get("total") or 0
        name, description, snapshot_id = (str(body.get(key) or "") for key in ("name", "description", "snapshot_id"))
        return cls(str(found(body, "id")), name, description, snapshot_id, int(total))


def readable(answer: Any) -> dict[str, Any]:
    """Return an answer that is an object."""
    if not isinstance(answer, dict):
        raise UnavailableError("Spotify answered with something that is not JSON; run this again later")
    return answer


def found(answer: Any, key: str) -> Any:
    """Return what stands at `key` of an answer."""
    if key not in readable(answer):
        raise UnavailableError(f"Spotify answered without {key!r}; run this again later")
    return answer[key]


def truths(answer: Any, n: int) -> list[bool]:
    """Return an answer that says yes or no of `n` things."""
    if not (isinstance(answer, list) and len(answer) == n):
        raise UnavailableError(f"Spotify answered without {n} times yes or no; run this again later")
    return [bool(each) for each in answer]


def created_id(answer: Any) -> str:
    """Return the id of what a call created.

    Raises
    ------
    AmbiguousWriteError
        If the answer does not tell: it was created nevertheless.
    """
    if not (isinstance(answer, dict) and answer.get("id")):
        raise AmbiguousWriteError("Spotify created a playlist but answered without its id; run this again")
    return str(answer["id"])


def snapshot_of(answer: Any) -> str | None:
    """Return the snapshot id that a write brought; None where the answer has none."""
    return answer.get("snapshot_id") if isinstance(answer, dict) else None
