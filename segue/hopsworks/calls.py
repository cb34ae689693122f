"""Calling the client for a feature group: quietly, again where that may help, and with errors that say what to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from segue.errors import StoreError
from segue.groups import FeatureGroup
from segue.hopsworks.failures import failures, may_pass
from segue.hopsworks.groups import find_or_describe
from segue.hopsworks.session import connect, quiet
from segue.settings import Settings

ATTEMPTS = 8
REMEMBERED = 60.0
"""Seconds for which the server is not asked again what a group is."""

Answer = TypeVar("Answer")


class Groups:
    """The feature groups of a project, as the client knows them.

    Parameters
    ----------
    settings : Settings
        Its store is ``hopsworks://PROJECT``.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: tuple[Any, Any] | None = None  # the project, and its feature store
        self._known: dict[FeatureGroup, tuple[float, Any]] = {}

    def __reduce__(self) -> tuple[type[Groups], tuple[Settings]]:
        """Another process has a login of its own."""
        return Groups, (self._settings,)

    def call(self, group: FeatureGroup, action: Callable[[Any], Answer]) -> Answer:
        """Do something with a group on the server, and again if that failed in a way that may pass.

        Parameters
        ----------
        group : FeatureGroup
        action : callable
            Given the `hsfs.feature_group.FeatureGroup`, whose id is None if it is not there; may be done twice.

        Raises
        ------
        StoreError, SettingsError
            If it cannot be done, saying what to do.
        """
        retrying = Retrying(
            retry=retry_if_exception(may_pass),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.2, max=8),
            reraise=True,
        )
        with failures(StoreError, f"feature group {group.name!r} on Hopsworks"):
            answer: Answer = retrying(self._once, group, action)
            return answer

    def forget(self, group: FeatureGroup) -> None:
        """Ask the server anew what a group is: it has been deleted."""
        self._known.pop(group, None)

    def _once(self, group: FeatureGroup, action: Callable[[Any], Answer]) -> Answer:
        project = connect(self._settings)
        with quiet():
            if self._opened is None or self._opened[0] is not project:
                self._opened = project, project.get_feature_store()
                self._known.clear()
            since, there = self._known.pop(group, (0.0, None))
            if there is None or time.monotonic() - since > REMEMBERED:
                since, there = (
                    time.monotonic(),
                    find_or_describe(self._opened[1], group, self._settings.hopsworks_stream),
                )
            answer = action(there)
            # After a failure it is looked up anew; one that is not there yet may be made by somebody else.
            if there.id is not None:
                self._known[group] = since, there
            return answer
