"""Whether the key that encrypts logins is there, is one, and opens those that are stored."""

from __future__ import annotations

from segue.doctor.finding import Finding, fix, note, ok
from segue.doctor.names import FOR_OTHERS
from segue.errors import SettingsError
from segue.groups import LISTENERS
from segue.settings import Settings
from segue.spotify.key_file import key_file
from segue.spotify.vault import MAKE_A_KEY, Vault
from segue.store import open_store


def check_key(settings: Settings) -> Finding:
    """Try the key on every stored login; a key that is not there yet is not made."""
    file = key_file(settings)
    if not settings.key:
        if not settings.store_url.startswith("sqlite://"):
            return fix(
                "the store is shared, and without SEGUE_KEY each machine makes a key of its own, which opens none of "
                f"the others' logins: set it to one key on all of them; `{MAKE_A_KEY}` makes one"
            )
        if not file.exists():
            return note(f"there is no key yet: the first login makes one in {file}")
        if file.stat().st_mode & FOR_OTHERS:
            return fix(f"others on this machine can read the key: chmod 600 {file}")
    vault = Vault(settings)
    tokens = open_store(settings.store_url).read(LISTENERS, ["token"])["token"].dropna()
    lost = sum(not _opens(vault, token) for token in tokens)
    place = "SEGUE_KEY" if settings.key else str(file)
    if lost:
        return fix(
            f"{lost} of {len(tokens)} stored logins were encrypted under another key than {place}: put that key, too, "
            "behind it and a comma, or let these listeners log in again"
        )
    return ok(f"{place} opens every stored login ({len(tokens)})")


def _opens(vault: Vault, token: str) -> bool:
    try:
        vault.decrypt(token)
    except SettingsError:
        return False
    return True
