"""From what goes wrong on the way to Hopsworks to one clear line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from segue.errors import SegueError, SettingsError

SCOPES = "PROJECT, FEATURESTORE, JOB, DATASET_VIEW, DATASET_CREATE, DATASET_DELETE, MODELREGISTRY and KAFKA"
NO_PROJECT = 150004
NO_CREDITS = 150029
DISK_FULL = 110055
GROUP_EXISTS = 270089
READING_FAILED = ("Could not read data using Hopsworks Query Service", "Hopsworks Query Service is busy")
FILE_GONE = re.compile(r"Object at location \S+\.parquet not found")
TROUBLES = {
    NO_CREDITS: "the project is out of credits and frozen; nothing is half-written, run this again when it has new ones"
    " (on the free tier: next month)",
    DISK_FULL: "the project's storage is full; delete what is no longer needed in Hopsworks",
}
CLIENT = ("_internal", "deltalake", "hopsworks", "hsfs", "hsml", "pyarrow")


@contextmanager
def failures(kind: type[SegueError], action: str) -> Iterator[None]:
    """Turn what the client and the network raise into `kind`; `action` says what was attempted, as in "cannot …".

    Raises
    ------
    SettingsError
        If the key is refused, or not good for this, or the project is another's or none: whatever `kind` is.
    """
    try:
        yield
    except SegueError:
        raise
    except requests.exceptions.SSLError as error:
        raise SettingsError(
            f"{action}: the host's certificate is not trusted; for a cluster with an authority of its own, set"
            " HOPSWORKS_TRUST_STORE_PATH to that authority's file"
        ) from error
    except requests.exceptions.Timeout as error:
        raise kind(f"{action}: Hopsworks did not answer in time; run this again later") from error
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        raise kind(
            f"{action}: Hopsworks cannot be reached; check the network, HOPSWORKS_HOST and HOPSWORKS_PORT"
        ) from error
    except Exception as error:
        response = getattr(error, "response", None)
        if response is None:
            if not _of_the_client(error):
                raise
            raise kind(f"{action}: {getattr(error, 'strerror', None) or _first_line(error)}") from error
        raise _refused(kind, action, response) from error


def may_pass(error: BaseException) -> bool:
    """Return whether the same call, made again a moment later, may well succeed."""
    if isinstance(error, requests.exceptions.RequestException):
        kinds = (requests.exceptions.SSLError, requests.exceptions.Timeout)
        return isinstance(error, requests.exceptions.ConnectionError) and not isinstance(error, kinds)
    response = getattr(error, "response", None)
    if response is not None:
        busy = response.status_code >= requests.codes.server_error
        return busy or response.status_code == requests.codes.too_many_requests or code_of(error) == GROUP_EXISTS
    # Two wrote at once; or the files went that a writer or a reader was about to open.
    return (
        type(error).__name__ in {"CommitFailedError", "TableAlreadyExists"}
        or FILE_GONE.search(str(error)) is not None
        or (str(error).startswith(READING_FAILED) and type(error.__cause__).__name__ != "FlightUnavailableError")
    )


def code_of(error: BaseException) -> int | None:
    """Return Hopsworks' own code for a refusal, such as 110018 for a path that is not there."""
    return _said(getattr(error, "response", None)).get("errorCode")


def _refused(kind: type[SegueError], action: str, response: requests.Response) -> SegueError:
    status, said = response.status_code, _said(response)
    code = said.get("errorCode")
    # What Hopsworks says itself is more than the status that it says it with: a frozen project is no refused key.
    if code == NO_PROJECT:
        return SettingsError(f"{action}: there is no such project; write SEGUE_STORE=hopsworks://PROJECT")
    if code in TROUBLES:
        return kind(f"{action}: {TROUBLES[code]}")
    if status == requests.codes.unauthorized:
        return SettingsError(f"{action}: HOPSWORKS_API_KEY is not accepted; make a new key in Hopsworks")
    if status == requests.codes.forbidden:
        return SettingsError(
            f"{action}: HOPSWORKS_API_KEY is not good for this project and action; its scopes must be {SCOPES}"
        )
    text = _first_line(said.get("usrMsg") or said.get("errorMsg") or response.reason)
    if status >= requests.codes.server_error:
        return kind(f"{action}: Hopsworks is in trouble (status {status}: {text}); run this again later")
    return kind(f"{action}: Hopsworks refused (status {status}: {text})")


def _said(response: requests.Response | None) -> dict[str, Any]:
    if response is None:
        return {}
    try:
        said = response.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _of_the_client(error: Exception) -> bool:
    # Its Delta writer raises OSError and errors of a module without a name.
    return isinstance(error, OSError) or type(error).__module__.startswith(CLIENT)


def _first_line(said: object) -> str:
    return str(said).strip().partition("\n")[0]
