"""Refresh tokens at rest: encrypted, under a key that only the operator has."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from segue.errors import SettingsError
from segue.settings import Settings


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
        self._place = "SEGUE_KEY" if settings.key else str(_key_file(settings))
        keys = settings.key.get_secret_value() if settings.key else _stored_key(_key_file(settings))
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        except ValueError:
            raise SettingsError(
                f"{self._place} is not a key: restore it, or make a new one (44 characters) with "
                "`python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`"
            ) from None

    def encrypt(self, secret: str) -> str:
        """Return `secret` as ciphertext that only this key opens."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Return what was encrypted.

        Raises
        ------
        SettingsError
            If it was encrypted under another key.
        """
        try:
            return self._fernet.decrypt(ciphertext.encode()).decode()
        except InvalidToken:
            raise SettingsError(
                f"a stored login was encrypted under another key than {self._place}: "
                "restore that key, or let the listener log in again"
            ) from None


def _key_file(settings: Settings) -> Path:
    return settings.var / "segue.key"


def _stored_key(path: Path) -> str:
    if not path.exists():
        _make_key(path)
    return path.read_text(encoding="ascii", errors="replace")


def _make_key(path: Path) -> None:
    """Write a new key aside and link it into place: whoever comes second finds the first one's, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".segue.key.")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink()
