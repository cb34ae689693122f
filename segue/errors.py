"""Every error that Segue raises on purpose.

* SegueError
    * SettingsError
    * InputError
    * SourceUnavailableError
    * SchemaError
    * StoreError
    * RegistryError
        * ModelNotFoundError
        * UnusableModelError
    * WorkersError
    * SpotifyError
        * LoginError
            * WrongStateError
        * AuthorizationExpiredError
        * MissingScopeError
        * OwnerNotPremiumError
        * NotAllowListedError
        * RateLimitedError
        * QuotaExceededError
        * NotFoundError
        * AmbiguousWriteError
        * UnavailableError
        * CallBudgetError

Each message is one line that says what is wrong and what to do. The command line prints it and exits with status 1.
"""

from __future__ import annotations

from pathlib import Path


class SegueError(Exception):
    """Something went wrong that a person can do something about."""


class SettingsError(SegueError):
    """A setting is missing or has a value that cannot be used."""


class InputError(SegueError):
    """A file or an argument does not hold what was expected.

    Parameters
    ----------
    message : str
        What is wrong and what to do.
    file, column, row
        Where, as far as it is known. ``row`` counts from 1 at the first line after the header.
    """

    def __init__(
        self, message: str, *, file: Path | str | None = None, column: str | None = None, row: int | None = None
    ) -> None:
        self.file = file
        self.column = column
        self.row = row
        places = [str(file) if file is not None else "", f"column {column!r}" if column is not None else ""]
        places.append(f"row {row}" if row is not None else "")
        where = ", ".join(place for place in places if place)
        super().__init__(f"{where}: {message}" if where else message)


class SourceUnavailableError(SegueError):
    """A dataset hub cannot be reached, or does not have what was asked for."""


class SchemaError(SegueError):
    """A frame does not fit the schema of its feature group."""


class StoreError(SegueError):
    """The feature store cannot be opened, read or written."""


class RegistryError(SegueError):
    """The model registry cannot be read or written."""


class ModelNotFoundError(RegistryError):
    """No model of that name and version is registered."""


class UnusableModelError(RegistryError):
    """A model is registered and was reached, but is damaged or not made for what is installed: it can serve nobody."""


class WorkersError(SegueError):
    """The processes that share a run's work are not there, or do not come to an end with it."""


class SpotifyError(SegueError):
    """Spotify refused a call, or did not answer."""


class LoginError(SpotifyError):
    """A login did not come to its end: consent was denied, or the answer belongs to another login."""


class WrongStateError(LoginError):
    """An answer belongs to another login than the one that waits for it, or to none."""


class AuthorizationExpiredError(SpotifyError):
    """The listener's consent has ended or was withdrawn: they must log in again."""


class MissingScopeError(SpotifyError):
    """The listener has not granted this permission: they must log in again and grant it."""


class OwnerNotPremiumError(SpotifyError):
    """Whoever owns the Spotify app has no active Premium subscription: every call for everybody is refused."""


class NotAllowListedError(SpotifyError):
    """The listener is not among the app's users in Spotify's Developer Dashboard: the owner must add them."""


class RateLimitedError(SpotifyError):
    """Spotify wants fewer calls for a while.

    Parameters
    ----------
    message : str
        What is wrong and what to do.
    wait : int, optional
        Seconds to wait before the next call, where Spotify said so.
    """

    def __init__(self, message: str, wait: int | None = None) -> None:
        self.wait = wait
        super().__init__(message)


class QuotaExceededError(SpotifyError):
    """The developer account has used up its calls: whatever is tried before `wait` is over makes it worse.

    Parameters
    ----------
    message : str
        What is wrong and what to do.
    wait : int, optional
        Seconds to wait before the next call, where Spotify said so: often more than half a day.
    """

    def __init__(self, message: str, wait: int | None = None) -> None:
        self.wait = wait
        super().__init__(message)


class NotFoundError(SpotifyError):
    """Spotify does not have it, or not any more."""


class AmbiguousWriteError(SpotifyError):
    """A write was sent and no clear answer came: it may have happened. Read back before sending it again."""


class UnavailableError(SpotifyError):
    """Spotify did not answer, or not with anything that can be read. Nothing has been changed by the call."""


class CallBudgetError(SpotifyError):
    """The calls that Segue allows itself in a day are spent; the call was not made."""
