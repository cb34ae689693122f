"""One login to Hopsworks for all of a process: its client knows but one at a time."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import RLock, get_ident
from typing import Any, TextIO

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from segue.errors import SettingsError
from segue.hopsworks.address import Address
from segue.hopsworks.failures import failures
from segue.registry.files import is_alive
from segue.settings import Settings

LOGGERS = ("hopsworks_common", "hsfs", "hsml", "hopsworks")
CONNECTING, ANSWERING = 10.0, 300.0
"""Seconds to wait for a connection, and for the next bytes of an answer: the client itself waits forever."""

_lock, _calling = RLock(), RLock()
_current: tuple[Address, Any, requests.Session] | None = None


def connect(settings: Settings) -> Any:
    """Return the project, a `hopsworks.project.Project`, that ``SEGUE_STORE=hopsworks://PROJECT`` names.

    The first call logs in; later ones return the same project, as long as nobody logged in elsewhere.

    Raises
    ------
    SettingsError
        If the key, the project or the address cannot be right, or the client is not installed.
    """
    global _current  # noqa: PLW0603 - the client's own login is as global
    address = Address.of(settings)
    with _lock:
        if _current is None or _current[0] != address:
            disconnect()
            with failures(SettingsError, f"cannot log in to Hopsworks at {address.host}, project {address.project}"):
                _knock(address)
                _current = address, *_login(address)
        return _current[1]


def disconnect() -> None:
    """End the login, if there is one, and let go of its connections."""
    global _current  # noqa: PLW0603 - as in `connect`
    with _lock:
        if _current is not None:
            _current[2].close()
        _current = None


@contextmanager
def quiet() -> Iterator[None]:
    """Let nothing through of what the client prints in this thread, nor its progress bars and warnings.

    One thread at a time: the client is not made for several. What others print meanwhile is theirs.
    """
    with _calling, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with redirect_stdout(Muffled(sys.stdout)), redirect_stderr(Muffled(sys.stderr)):
            yield


class Muffled:
    """A stream without what the thread that made it prints.

    Parameters
    ----------
    stream : TextIO
        Where what all others print goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._silent = stream, get_ident()

    def write(self, text: str) -> int:
        """Pass on what another thread prints."""
        return len(text) if get_ident() == self._silent else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        """Be like the stream in everything else."""
        return getattr(self._stream, name)


def _knock(address: Address) -> None:
    """Ask for the project once without the client, which would wait forever, and wraps what goes wrong."""
    with requests.Session() as session:
        session.mount("https://", Patience())
        answer = session.get(
            f"{address.url}/project/getProjectInfo/{address.project}",
            headers={"Authorization": f"ApiKey {address.key.get_secret_value()}"},
            verify=address.verify,
        )
        answer.raise_for_status()


def _login(address: Address) -> tuple[Any, requests.Session]:
    _check_packages()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    style = warnings.formatwarning
    _settle_environment(address)
    with quiet():
        try:
            import hopsworks
        except ImportError:
            raise SettingsError(
                "SEGUE_STORE=hopsworks://… needs the Hopsworks client: in Segue's folder,"
                " uv pip install --editable '.[hopsworks]'"
            ) from None
        finally:
            # Importing it sets up logging and warnings as it likes them.
            root.handlers[:], root.level = handlers, level
            warnings.formatwarning = style
        for name in LOGGERS:
            # It logs each failure with its traceback, and raises it as well.
            logging.getLogger(name).setLevel(logging.CRITICAL)
        project = hopsworks.login(
            host=address.host,
            port=address.port,
            project=address.project,
            api_key_value=address.key.get_secret_value(),
            hostname_verification=bool(address.verify),
            trust_store_path=address.verify if isinstance(address.verify, str) else None,
            cert_folder=_own_folder(Path(address.certificates)),
            engine="python",
        )
    from hopsworks_common import client

    session: requests.Session = client._get_instance()._session  # noqa: SLF001 - it has no other place for what follows
    session.close()
    session.mount("https://", Patience())
    return project, session


def _settle_environment(address: Address) -> None:
    """Let the variables that the client trusts more than its parameters say the same.

    It would read an empty one, as an unset secret of GitHub Actions is, as "check no certificate".
    """
    authorities = address.verify if isinstance(address.verify, str) else None
    meant = {
        "HOPSWORKS_PORT": str(address.port),
        "HOPSWORKS_HOSTNAME_VERIFICATION": str(bool(address.verify)),
        "HOPSWORKS_TRUST_STORE_PATH": authorities,
    }
    for name, value in meant.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _check_packages() -> None:
    """Refuse a `deltalake` beside the client's own build of it: one overwrites the other's files, unnoticed by pip."""
    with suppress(PackageNotFoundError):
        version("deltalake")
        raise SettingsError(
            "the package deltalake breaks what the Hopsworks client writes with: uv pip uninstall deltalake"
            " hops-deltalake, then install segue[hopsworks] again"
        )


def _own_folder(folder: Path) -> str:
    """Return a new folder in `folder` for this process alone: a client deletes its certificates when it ends.

    What killed processes have left is swept.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in folder.glob("of-*-*"):
        if not is_alive(leftover):
            shutil.rmtree(leftover, ignore_errors=True)
    return tempfile.mkdtemp(prefix=f"of-{os.getpid()}-", dir=folder)


class Patience(HTTPAdapter):
    """Gives up a call that hangs, and repeats one that only reads when it got no answer."""

    def __init__(self) -> None:
        super().__init__(
            max_retries=Retry(
                total=2,
                backoff_factor=0.5,
                allowed_methods=("GET",),
                status_forcelist=(502, 503, 504),
                respect_retry_after_header=False,
                raise_on_status=False,
            )
        )

    def send(  # noqa: PLR0913, PLR0917 - as `requests` calls it
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request as `requests` does, with a time limit where the caller has set none."""
        return super().send(request, stream, timeout or (CONNECTING, ANSWERING), verify, cert, proxies)
