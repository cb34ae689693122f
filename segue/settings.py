"""Settings, read from the environment and from a `.env` file in the working directory."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from segue.errors import SettingsError

SPOTIFY_API = "https://api.spotify.com/v1/"
SPOTIFY_ACCOUNTS = "https://accounts.spotify.com"
HOPSWORKS = "eu-west.cloud.hopsworks.ai"


class Settings(BaseSettings):
    """Everything an operator may set. Secrets are read from the environment only and are never printed."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", populate_by_name=True, frozen=True
    )

    var: Path = Field(Path("var"), validation_alias="SEGUE_VAR")
    """Folder of everything that Segue writes: the store, the models, downloads, the sandbox's state."""

    store: str = Field("", validation_alias="SEGUE_STORE", repr=False)
    """Address of the feature store; empty for the embedded one, ``sqlite:///<var>/segue.db``.

    It may hold a password.
    """

    data_dir: Path | None = Field(None, validation_alias="SEGUE_DATA_DIR")
    """Folder of dataset files to read instead of downloading."""

    key: SecretStr | None = Field(None, validation_alias="SEGUE_KEY")
    """Fernet key (or several, comma-separated, newest first) that encrypts refresh tokens at rest.

    Without one, a key is made in ``<var>/segue.key`` (mode 0600) on first use.
    """

    learn_from_listeners: bool = Field(default=False, validation_alias="SEGUE_LEARN_FROM_LISTENERS")
    """Whether `segue train` learns from what the connected listeners have been playing, too.

    Off by default: Spotify's Developer Terms forbid to train a machine learning model on Spotify content, and on a
    strict reading a list of what somebody played is that. Whoever switches it on needs the listeners' consent, and
    decides for themselves. docs/quality.md says what is learned and what is kept.
    """

    covers: bool = Field(default=False, validation_alias="SEGUE_COVERS")
    """Whether playlists get a cover drawn by Segue; listeners are asked for one more scope then."""

    saved_tracks: bool = Field(default=False, validation_alias="SEGUE_SAVED_TRACKS")
    """Whether the tracks that listeners saved count as liked; they are asked for one more scope then."""

    daily_calls: int = Field(default=450, ge=1, validation_alias="SEGUE_DAILY_CALLS")
    """How many calls of Spotify's Web API all runs together may make in a day (UTC).

    Spotify shuts an app out for half a day or more when it calls too often. It does not say how often that is: 1,100
    calls a day have been too many.
    """

    limit_rates: bool = Field(default=True, validation_alias="SEGUE_LIMIT_RATES")
    """Whether the app limits how often each visitor may ask; off where a server in front of it does."""

    trusted_proxies: str = Field("", validation_alias="SEGUE_TRUSTED_PROXIES")
    """Addresses or networks, comma-separated, of the servers in front of the app: what they say of who asks
    (``X-Forwarded-For``) and how (``X-Forwarded-Proto``) is believed. From anybody else it is not.
    """

    space_id: str = Field("", validation_alias="SPACE_ID")
    space_host: str = Field("", validation_alias="SPACE_HOST")
    """Set by Hugging Face on a Space: its name, and the host at which the app is on its own, without a frame."""

    hopsworks_api_key: SecretStr | None = Field(None, validation_alias="HOPSWORKS_API_KEY")
    """Key of the Hopsworks account that ``hopsworks://PROJECT`` belongs to."""

    hopsworks_host: str = Field(HOPSWORKS, validation_alias="HOPSWORKS_HOST")
    hopsworks_port: int = Field(443, ge=1, le=65535, validation_alias="HOPSWORKS_PORT")
    """Where Hopsworks answers: its managed service, or a cluster of one's own."""

    hopsworks_trust_store_path: Path | None = Field(None, validation_alias="HOPSWORKS_TRUST_STORE_PATH")
    """File (PEM) of the authorities that the host's certificate may come from; without it those that everybody trusts.
    """

    hopsworks_hostname_verification: bool = Field(default=True, validation_alias="HOPSWORKS_HOSTNAME_VERIFICATION")
    """Whether the host's certificate is checked at all. Off, anybody on the way can read the key and the data."""

    hopsworks_stream: bool = Field(default=False, validation_alias="SEGUE_HOPSWORKS_STREAM")
    """Whether new feature groups are written through Kafka and a job on the cluster, instead of directly. That takes
    minutes and uses up credits.
    """

    spotify_client_id: str | None = Field(None, validation_alias="SPOTIFY_CLIENT_ID")
    spotify_client_secret: SecretStr | None = Field(None, validation_alias="SPOTIFY_CLIENT_SECRET")
    spotify_api_url: str = Field(SPOTIFY_API, validation_alias="SPOTIFY_API_URL")
    spotify_accounts_url: str = Field(SPOTIFY_ACCOUNTS, validation_alias="SPOTIFY_ACCOUNTS_URL")
    spotify_redirect_uri: str = Field("http://127.0.0.1:7860/auth/callback", validation_alias="SPOTIFY_REDIRECT_URI")

    @property
    def store_url(self) -> str:
        """Address of the feature store."""
        return self.store or f"sqlite:///{self.var / 'segue.db'}"

    @property
    def hopsworks_dir(self) -> Path:
        """Folder of what the Hopsworks client needs on disk: certificates."""
        return self.var / "hopsworks"

    @property
    def models_dir(self) -> Path:
        """Folder of the embedded model registry."""
        return self.var / "models"

    @property
    def downloads_dir(self) -> Path:
        """Folder that caches downloaded datasets."""
        return self.var / "downloads"

    @property
    def source_url(self) -> str:
        """Where the source of the running app can be read; empty where that is not known."""
        return f"https://huggingface.co/spaces/{self.space_id}/tree/main" if self.space_id else ""

    @property
    def spotify_service(self) -> str:
        """``"spotify"``, or ``"sandbox"`` when another server stands in for it: listeners belong to one of the two."""
        host = urlsplit(self.spotify_accounts_url).hostname or ""
        return "spotify" if host == "accounts.spotify.com" else "sandbox"


def load_settings() -> Settings:
    """Read the settings as they are now.

    Raises
    ------
    SettingsError
        If a value cannot be used; the message names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SettingsError(f"setting {first['loc'][0]}: {first['msg']}") from None
