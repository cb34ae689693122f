"""Certificates, from an authority that is made for the occasion."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from trustme import CA

from hopsworks_stand_in.projects import DOMAIN
from hopsworks_stand_in.state import USERNAME

FLIGHT_NAME = f"flyingduck.service.{DOMAIN}"
"""The name on the certificate of Arrow Flight, whatever host it runs on."""


@dataclass
class Papers:
    """The authority, what it signed for the servers, and what it signed for the client."""

    host: str
    authority_keys: CA = field(default_factory=CA, repr=False)

    def __post_init__(self) -> None:
        self._server = self.authority_keys.issue_cert(self.host, FLIGHT_NAME)
        client = self.authority_keys.issue_cert("client.invalid", common_name=f"segue_test__{USERNAME}")
        self.authority = self.authority_keys.cert_pem.bytes().decode("ascii")
        self.client_certificate = b"".join(blob.bytes() for blob in client.cert_chain_pems).decode("ascii")
        self.client_key = client.private_key_pem.bytes().decode("ascii")

    @property
    def server(self) -> tuple[bytes, bytes]:
        """Certificate and private key of the servers."""
        return b"".join(blob.bytes() for blob in self._server.cert_chain_pems), self._server.private_key_pem.bytes()

    def write(self, folder: Path) -> Path:
        """Write ``ca.pem`` and ``server.pem`` (key and certificate) into `folder`; return the path of the first."""
        certificate, key = self.server
        (folder / "server.pem").write_bytes(key + certificate)
        (folder / "ca.pem").write_text(self.authority)
        return folder / "ca.pem"
