"""Refresh tokens at rest: encrypted, under a key that only the operator has."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from segue.errors import SettingsError
from segue.settings import Settings
from segue.spotify.key_file import key_file, read_keys

MAKE_A_KEY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"


class Vault:
    """Encrypts with the newest key and decrypts with any.

    Parameters
    ----------
    settings : Settings
        Its `key`, or else the file ``<var>/segue.key``, which is made on first use.

    Raises
    ------
    SettingsError
        If a key is not a Fernet key.
    """

    def __init__(self, settings: Settings) -> None:
        self._place = "SEGUE_KEY" if settings.key else str(key_file(settings))
        keys = settings.key.get_secret_value() if settings.key else read_keys(settings)
        self.keys = [key.strip() for key in keys.split(",")]
        try:
            fernets = [Fernet(key) for key in self.keys]
        except ValueError:
            raise SettingsError(
                f"{self._place} is not a key: restore it, or make a new one (44 characters) with `{MAKE_A_KEY}`"
            ) from None
        self._newest, self._any = fernets[0], MultiFernet(fernets)

    def encrypt(self, secret: str) -> str:
        """Return `secret` as ciphertext that only this key opens."""
        return self._newest.encrypt(secret.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Return what was encrypted.

        Raises
        ------
        SettingsError
            If it was encrypted under another key.
        """
        try:
            return self._any.decrypt(ciphertext.encode()).decode()
        except InvalidToken:
            raise SettingsError(
                f"a stored login was encrypted under another key than {self._place}: "
                "restore that key, or let the listener log in again"
            ) from None

    def is_current(self, ciphertext: str) -> bool:
        """Return whether the newest key opens `ciphertext`."""
        try:
            self._newest.decrypt(ciphertext.encode())
        except InvalidToken:
            return False
        return True
