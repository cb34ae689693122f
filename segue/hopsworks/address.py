"""Where Hopsworks is, and as whom to log in there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydantic import SecretStr

from segue.errors import SettingsError
from segue.settings import Settings


@dataclass(frozen=True)
class Address:
    """Where to log in, and as whom.

    Attributes
    ----------
    host, port
        Of the cluster.
    project : str
    key : SecretStr
    verify : bool or str
        Whether its certificate is checked, or the file of the authorities that it may come from.
    certificates : str
        Folder for those that the client is given for Arrow Flight and HopsFS, one below it for each process.
    """

    host: str
    port: int
    project: str
    key: SecretStr = field(repr=False)
    verify: bool | str
    certificates: str

    @classmethod
    def of(cls, settings: Settings) -> Address:
        """Return the address that ``SEGUE_STORE=hopsworks://PROJECT`` and the settings beside it lead to.

        Raises
        ------
        SettingsError
            If there is no project or no key.
        """
        project = settings.store_url.removeprefix("hopsworks://").strip("/")
        if not project or "/" in project:
            raise SettingsError(
                f"SEGUE_STORE={settings.store!r} names no project: write hopsworks://PROJECT, such as hopsworks://segue"
            )
        key = settings.hopsworks_api_key
        if key is None:
            raise SettingsError(
                "HOPSWORKS_API_KEY is not set: make a key in Hopsworks (Account settings, API) and put it into .env"
            )
        if not re.fullmatch("[!-~]+", key.get_secret_value()):
            raise SettingsError("HOPSWORKS_API_KEY holds a space or another character that no key has: copy it again")
        verify: bool | str = settings.hopsworks_hostname_verification
        if verify and settings.hopsworks_trust_store_path is not None:
            verify = str(settings.hopsworks_trust_store_path)
        folder = str(settings.hopsworks_dir.absolute() / "certificates")
        return cls(settings.hopsworks_host, settings.hopsworks_port, project, key, verify, folder)

    @property
    def url(self) -> str:
        """The root of its REST API."""
        return f"https://{self.host}:{self.port}/hopsworks-api/api"
