"""From what goes wrong on the way to Spotify to one clear error that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from spotipy.exceptions import SpotifyException

from segue.errors import AuthorizationExpiredError, NotFoundError, RateLimitedError, SpotifyError, UnavailableError

_FORBIDDEN = {
    "premium": "the owner of the Spotify app needs an active Premium subscription",
    "registered": "Spotify does not know this listener: add them to the app's users in its Developer Dashboard",
    "scope": "the listener has not granted this permission: they must log in again",
}


@contextmanager
def clear_errors(action: str) -> Iterator[None]:
    """Turn every failure of a call into a `SpotifyError`; `action` says what was attempted, as in "could not …"."""
    try:
        yield
    except SpotifyException as failure:
        raise _explain(action, failure) from None
    except requests.RequestException as failure:
        raise unreachable(action, failure) from None
    except AttributeError as failure:
        # spotipy expects the error of a refusal to be an object and trips over a plain string.
        if failure.name != "get":
            raise
        raise SpotifyError(f"could not {action}: Spotify refused without saying why; try again later") from None


def unreachable(action: str, failure: requests.RequestException) -> UnavailableError:
    """Return the error for a server that did not answer."""
    what = "did not answer in time" if isinstance(failure, requests.Timeout) else "cannot be reached"
    return UnavailableError(f"could not {action}: Spotify {what}; check the network and run this again")


def rate_limited(action: str, retry_after: str | None) -> RateLimitedError:
    """Return the error for status 429; `retry_after` is the header of that name."""
    wait = int(retry_after) if retry_after is not None and retry_after.isdigit() else None
    when = "later" if wait is None else f"in {wait} seconds"
    return RateLimitedError(f"could not {action}: Spotify wants fewer calls; run this again {when}", wait)


def _explain(action: str, failure: SpotifyException) -> SpotifyError:
    status = failure.http_status
    said = str(failure.msg).partition(":\n ")[2] or "no reason given"
    if status == requests.codes.unauthorized:
        return AuthorizationExpiredError(f"could not {action}: Spotify no longer accepts this login; log in again")
    if status == requests.codes.forbidden:
        hints = [hint for word, hint in _FORBIDDEN.items() if word in said.lower()]
        return SpotifyError(f"could not {action}: {hints[0] if hints else f'Spotify forbids it ({said})'}")
    if status == requests.codes.not_found:
        return NotFoundError(f"could not {action}: Spotify does not have it (any more)")
    if status == requests.codes.too_many_requests:
        return rate_limited(action, (failure.headers or {}).get("Retry-After"))
    if status >= requests.codes.server_error:
        return UnavailableError(f"could not {action}: Spotify is in trouble (status {status}); run this again later")
    return SpotifyError(f"could not {action}: Spotify refused (status {status}: {said})")
