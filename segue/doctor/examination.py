"""All checks, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from segue.doctor.disk import check_disk
from segue.doctor.finding import Finding, fix
from segue.doctor.key import check_key
from segue.doctor.live import check_live
from segue.doctor.names import check_names
from segue.doctor.packages import check_packages
from segue.doctor.registry import check_registry
from segue.doctor.spotify import check_credentials, check_redirect
from segue.doctor.store import check_store
from segue.errors import SegueError, SettingsError
from segue.settings import Settings, load_settings

Check = Callable[[Settings], Finding]

CHECKS: dict[str, Check] = {
    "settings": check_names,
    "packages": check_packages,
    "disk": check_disk,
    "store": check_store,
    "models": check_registry,
    "key": check_key,
    "spotify": check_credentials,
    "redirect": check_redirect,
}
"""By name, in the order in which one would mend them."""


def examine(live: bool = False) -> Iterator[tuple[str, Finding]]:
    """Yield the name of each check and what it found; what goes wrong in one keeps none of the others from running.

    Parameters
    ----------
    live : bool
        Whether to write to Hopsworks, too.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        # Nothing else can be known without them.
        yield "settings", fix(str(error))
        return
    for name, check in (CHECKS | ({"live": check_live} if live else {})).items():
        yield name, _found(check, settings)


def _found(check: Check, settings: Settings) -> Finding:
    try:
        return check(settings)
    except SegueError as error:
        return fix(" ".join(str(error).split()))
    except Exception as error:
        if os.environ.get("SEGUE_DEBUG"):
            raise
        # Not its text: nobody knows what an unexpected one holds.
        return fix(f"unexpected {type(error).__name__}: `SEGUE_DEBUG=1 segue doctor` shows where; please report it")
