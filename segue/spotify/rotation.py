"""Key rotation: a new key first in line, and every stored token encrypted anew under it."""

from __future__ import annotations

from dataclasses import dataclass

from segue.errors import SettingsError
from segue.groups import LISTENERS
from segue.locks import alone
from segue.settings import Settings
from segue.spotify.key_file import key_file, new_key, read_keys, write_keys
from segue.spotify.listeners import name_of
from segue.spotify.session import token_lock
from segue.spotify.vault import MAKE_A_KEY, Vault
from segue.store import FeatureStore

KEPT_KEYS = 2
"""The newest key, and the one before it: a program that had read the file may still write under that."""


@dataclass(frozen=True)
class Rotation:
    """What came of a rotation.

    Attributes
    ----------
    place : str
        Where the keys are: ``"SEGUE_KEY"``, or a file.
    tokens : int
        Stored tokens that the newest key opens now.
    lost : tuple of str
        Names of listeners whose token no key opens: they must log in again.
    """

    place: str
    tokens: int
    lost: tuple[str, ...]


def rotate_keys(store: FeatureStore, settings: Settings) -> Rotation:
    """Encrypt every stored token under a new key; killed at any point, the logins work, and it can be run again.

    The key file gets a new key. `SEGUE_KEY` is the operator's: its first key is taken for the new one.

    Raises
    ------
    SettingsError
        If `SEGUE_KEY` holds a single key, or a key is not one.
    """
    with alone(settings, "keys", "rotating keys"):
        if settings.key:
            _check_line(Vault(settings))
            return Rotation("SEGUE_KEY", *_renew(store, settings))
        write_keys(settings, [new_key(), *Vault(settings).keys])
        renewed = _renew(store, settings)
        # Only now: until here every key may have been the only one that opens some token.
        write_keys(settings, read_keys(settings).split(",")[:KEPT_KEYS])
        return Rotation(str(key_file(settings)), *renewed)


def _check_line(vault: Vault) -> None:
    if len(vault.keys) == 1:
        raise SettingsError(
            "SEGUE_KEY holds one key: put a new one before it, separated by a comma, and run this again: "
            f'SEGUE_KEY="$({MAKE_A_KEY}),$SEGUE_KEY"'
        )


def _renew(store: FeatureStore, settings: Settings) -> tuple[int, tuple[str, ...]]:
    renewed, lost, vault = 0, [], Vault(settings)
    for _, listener in store.read(LISTENERS).dropna(subset=["token"]).iterrows():
        listener_id = str(listener["listener_id"])
        try:
            # In turns with refreshes: one that found its token encrypted anew could not save the next.
            with alone(settings, token_lock(listener_id)):
                renewed += _renew_token(store, vault, listener_id)
        except SettingsError:
            lost.append(name_of(listener))
    return renewed, tuple(lost)


def _renew_token(store: FeatureStore, vault: Vault, listener_id: str) -> int:
    tokens = store.read(LISTENERS, ["token"], {"listener_id": listener_id})["token"].dropna()
    for token in tokens:
        if not vault.is_current(token):
            # For the row with that very token: a login that came meanwhile stays.
            mine = {"listener_id": listener_id, "token": token}
            store.update(LISTENERS, mine, {"token": vault.encrypt(vault.decrypt(token))})
    return len(tokens)
