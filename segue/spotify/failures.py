"""From what goes wrong on the way to Spotify to one clear error that says what to do.

Spotify answers 429 both to too many calls within half a minute and to too many within a day; only ``reason`` in the
body tells them apart. Its 403 texts about the app (owner without Premium, listener not registered) may be plain text.
"""

from __future__ import annotations

from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from segue.errors import (
    AmbiguousWriteError,
    AuthorizationExpiredError,
    MissingScopeError,
    NotAllowListedError,
    NotFoundError,
    OwnerNotPremiumError,
    QuotaExceededError,
    RateLimitedError,
    SpotifyError,
    UnavailableError,
)

_FORBIDDEN: dict[str, tuple[type[SpotifyError], str]] = {
    "premium": (OwnerNotPremiumError, "the owner of the Spotify app needs an active Premium subscription"),
    "registered": (
        NotAllowListedError,
        "Spotify does not know this listener: add them to the app's users in its Developer Dashboard",
    ),
    "scope": (MissingScopeError, "the listener has not granted this permission: they must log in again"),
}
_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))
_LONGEST_QUOTE = 200


def refused(action: str, response: requests.Response) -> SpotifyError:  # noqa: PLR0911 - one return for each way
    """Return the error for an answer with an error status; `action` says what was attempted, as in "could not …"."""
    status, (said, reason) = response.status_code, _said(response)
    retry_after = response.headers.get("Retry-After")
    if status == requests.codes.unauthorized:
        return AuthorizationExpiredError(f"could not {action}: Spotify no longer accepts this login; log in again")
    if status == requests.codes.forbidden:
        return _forbidden(action, said)
    if status == requests.codes.not_found:
        return NotFoundError(f"could not {action}: Spotify does not have it (any more)")
    if status == requests.codes.too_many_requests:
        return quota_exceeded(action, retry_after) if reason == "QUOTA_EXCEEDED" else rate_limited(action, retry_after)
    if status < requests.codes.server_error:
        return SpotifyError(f"could not {action}: Spotify refused (status {status}: {said})")
    if _writes(response.request):
        return _ambiguous(action, f"is in trouble (status {status})")
    return UnavailableError(f"could not {action}: Spotify is in trouble (status {status}); run this again later")


def lost(action: str, request: requests.PreparedRequest, failure: requests.RequestException) -> SpotifyError:
    """Return the error for a request without a whole answer."""
    if _writes(request) and not never_connected(failure):
        return _ambiguous(action, _silence(failure))
    return unreachable(action, failure)


def unreachable(action: str, failure: requests.RequestException) -> UnavailableError:
    """Return the error for a server that did not answer, where nothing can have been changed."""
    return UnavailableError(f"could not {action}: Spotify {_silence(failure)}; check the network and run this again")


def rate_limited(action: str, retry_after: str | None) -> RateLimitedError:
    """Return the error for too many calls within half a minute; `retry_after` is the header of that name."""
    wait = _seconds(retry_after)
    return RateLimitedError(f"could not {action}: Spotify wants fewer calls; run this again {when(wait)}", wait)


def quota_exceeded(action: str, retry_after: str | None) -> QuotaExceededError:
    """Return the error for too many calls within a day."""
    wait = _seconds(retry_after)
    message = "the app's calls at Spotify are used up; leave it alone until then and run this again"
    return QuotaExceededError(f"could not {action}: {message} {when(wait)}", wait)


def _forbidden(action: str, said: str) -> SpotifyError:
    for word, (kind, hint) in _FORBIDDEN.items():
        if word in said.lower():
            return kind(f"could not {action}: {hint}")
    return SpotifyError(f"could not {action}: Spotify forbids it ({said})")


def _ambiguous(action: str, what: str) -> AmbiguousWriteError:
    return AmbiguousWriteError(f"could not {action} for certain: Spotify {what}; run this again, it is checked first")


def _silence(failure: requests.RequestException) -> str:
    return "did not answer in time" if isinstance(failure, requests.Timeout) else "cannot be reached"


def never_connected(failure: requests.RequestException) -> bool:
    """Return whether the request cannot have reached the server."""
    inner = getattr(failure.args[0], "reason", None) if failure.args else None
    return isinstance(failure, requests.ConnectTimeout) or isinstance(inner, NewConnectionError)


def _writes(request: requests.PreparedRequest) -> bool:
    return request.method != "GET"


def _said(response: requests.Response) -> tuple[str, str | None]:
    """Return the message of a refusal on one line, and its machine-readable reason, whatever form the body has."""
    try:
        error: Any = response.json()
        error = error.get("error", error) if isinstance(error, dict) else error
    except ValueError:
        error = "" if "html" in response.headers.get("Content-Type", "") else response.text
    message, reason = (error.get("message"), error.get("reason")) if isinstance(error, dict) else (error, None)
    return " ".join(str(message or "no reason given").split())[:_LONGEST_QUOTE], reason


def _seconds(retry_after: str | None) -> int | None:
    return int(retry_after) if retry_after is not None and retry_after.isdecimal() else None


def when(wait: int | None) -> str:
    """Return a wait in the largest unit of which it is at least two, rounded up: "in 14 hours"."""
    if wait is None:
        return "later"
    size, unit = next((each for each in _UNITS if wait >= 2 * each[0]), _UNITS[-1])
    n = max(-(-wait // size), 1)
    return f"in {n} {unit}{'s' if n > 1 else ''}"
