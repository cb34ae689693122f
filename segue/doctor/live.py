"""Whether Hopsworks really works, for this account: the only check that writes to it."""

from __future__ import annotations

from segue.doctor.finding import Finding, fix, ok
from segue.settings import Settings


def check_live(settings: Settings) -> Finding:
    """Let the real client make a feature group and a model of its own, write and read both, and remove them."""
    if not settings.store_url.startswith("hopsworks://") or settings.hopsworks_api_key is None:
        return fix("--live is for Hopsworks: set SEGUE_STORE=hopsworks://PROJECT and HOPSWORKS_API_KEY")
    from segue.registry.smoke import smoke as try_registry
    from segue.store.hopsworks import smoke as try_store

    return ok(f"{try_store(settings)}; {try_registry(settings)}")
