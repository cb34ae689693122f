"""Which calls were made, by whom, and to which operation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import overload

WEB_API = "/v1"
KEPT_CALLS = 100_000


@dataclass(frozen=True)
class Call:
    """A request that came in.

    Attributes
    ----------
    method, path : str
        Such as ``GET`` and ``/v1/tracks/4iV5W9uYEdYUVa79Axb7Rh``.
    operation : str or None
        The same in the terms of Spotify's OpenAPI description, such as ``GET /tracks/{id}``; None outside the Web API.
    user_id : str or None
        Whose token it carried; None if that is unknown.
    token : str
        That token: the access token, or the refresh token that the token endpoint was given.
    """

    method: str
    path: str
    operation: str | None = None
    user_id: str | None = None
    token: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class CallLog(Sequence[str]):
    """The latest calls, such as ``"GET /v1/me"``, the oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)

    def append(self, call: Call) -> None:
        """Note a call."""
        self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()

    def of(self, user_id: str) -> list[str]:
        """Return the Web API calls that were made with an access token of this person."""
        return _written(call for call in list(self._calls) if call.user_id == user_id and call.operation)

    def operations(self) -> set[str]:
        """Return the operations of the Web API that were called, such as ``GET /tracks/{id}``.

        A call that the sandbox does not have is there as it came, such as ``GET /audio-features/1``.
        """
        return {call.operation for call in list(self._calls) if call.operation}

    def __len__(self) -> int:
        return len(self._calls)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        written = _written(list(self._calls))
        return written[index]


def _written(calls: Iterable[Call]) -> list[str]:
    return [str(call) for call in calls]
