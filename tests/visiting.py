"""Somebody who speaks to the app over HTTP; the fixtures are in `app_fixture`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from app.accounts.sessions import Sessions
from segue.spotify.vault import Vault

if TYPE_CHECKING:
    import httpx

    from segue.settings import Settings
    from segue.store import FeatureStore


@dataclass(frozen=True)
class Visitor:
    """Somebody who visits the app.

    Attributes
    ----------
    client : httpx.Client
        Their browser.
    settings : Settings
        The app's.
    store : FeatureStore
        The app's store.
    """

    client: httpx.Client
    settings: Settings
    store: FeatureStore

    def log_in(self, listener_id: str) -> None:
        """Bring the cookie of a listener's session from now on."""
        session = Sessions(self.store).begin(listener_id)
        self.client.cookies.set("segue_session", Vault(self.settings).encrypt(f"segue_session:{session}"))

    def send(self, event: str, *data: Any, **sent: Any) -> httpx.Response:
        """Let an event happen; everybody here has the same session_hash, which is theirs to choose."""
        body = {"data": data, "event_data": sent, "session_hash": "tab"}
        origin = {"Origin": str(self.client.base_url).rstrip("/")}
        return self.client.post(f"/gradio_api/run/{event}", json=body, headers=origin)

    def see(self, event: str, *data: Any, **sent: Any) -> list[Any]:
        """Let an event happen, and return what becomes of the parts of the page that it concerns."""
        answer = self.send(event, *data, **sent)
        assert answer.status_code == 200, answer.text
        parts: list[Any] = answer.json()["data"]
        return parts


def rows(group: Any, *given: dict[str, Any]) -> pd.DataFrame:
    """Return rows of a group; what is not given is missing."""
    return pd.DataFrame([dict.fromkeys(group.columns) | row for row in given], columns=list(group.columns))
