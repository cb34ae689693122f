"""Whether Hopsworks really works, for this account: the only check that writes to it."""

from __future__ import annotations

from segue.doctor.finding import Finding, fix, ok
from segue.settings import Settings


def check_live(settings: Settings) -> Finding:
    """Let the real client make a feature group of its own, write to it, read it, and remove it."""
    if not settings.store_url.startswith("hopsworks://") or settings.hopsworks_api_key is None:
        return fix("--live is for Hopsworks: set SEGUE_STORE=hopsworks://PROJECT and HOPSWORKS_API_KEY")
    from segue.store.hopsworks import smoke

    return ok(smoke(settings))
